// The page filters.html: the frame around <handgrad-filters>.
import "../frame.js";
import "./element.js";
