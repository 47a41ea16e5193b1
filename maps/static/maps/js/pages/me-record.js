/** The service record: the print button, which needs this script to do anything. */

const button = document.getElementById("print");

if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
