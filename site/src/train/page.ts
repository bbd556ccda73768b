// The page train.html: the frame around <handgrad-train>.
import "../frame.js";
import "./element.js";
