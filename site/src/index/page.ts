// The page index.html: the frame around <handgrad-index>.
import "../frame.js";
import "./element.js";
