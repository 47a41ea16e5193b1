/** My jobs: each one that is not over is followed. */

import { follow } from "../ui/job.js";

for (const box of document.querySelectorAll("[data-job]")) follow(box);
