/** Following the job that brings the list in. */

import { follow } from "../ui/job.js";

const box = document.querySelector("[data-job]");
if (["done", "failed", "cancelled"].includes(box.dataset.state)) setTimeout(() => location.reload(), 1000);
else follow(box, { onEnd: () => location.reload() });
