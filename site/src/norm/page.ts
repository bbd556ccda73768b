// The page norm.html: the frame around <handgrad-norm>.
import "../frame.js";
import "./element.js";
