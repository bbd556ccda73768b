// The entry "handgrad/reference": the backend that defines every kernel, and the gradient check that runs on it.
export { reference } from "../backend/reference/backend.js";
export { gradCheck, type GradCheckOptions, type LossLike } from "../gradcheck/gradCheck.js";
export { GradCheckReport, type GradCheckFailure } from "../gradcheck/report.js";
