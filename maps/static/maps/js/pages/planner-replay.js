/** The replay that is under way: followed, and shown when it is done. */

import { follow } from "../ui/job.js";

for (const box of document.querySelectorAll("[data-job]")) follow(box, { onDone: () => location.reload() });
