// The page descend.html: the frame around <handgrad-descend>.
import "../frame.js";
import "./element.js";
