/** A token that was just made: it is selected, and one tap copies it. */

import { copies } from "../ui/copying.js";

document.getElementById("made-title").focus();
copies(document.getElementById("copy"), document.getElementById("secret"));
