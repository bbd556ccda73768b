// The page count.html: the frame around <handgrad-count>.
import "../frame.js";
import "./element.js";
