/** A step for many reports under way: followed, and what came of it shown when it is over. */

import { follow } from "../ui/job.js";

for (const box of document.querySelectorAll("[data-job]")) follow(box, { onEnd: () => location.reload() });
