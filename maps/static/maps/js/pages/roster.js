/** The week's plan on paper. */
document.querySelector("[data-print]").addEventListener("click", () => window.print());
