// The page activations.html: the frame around <handgrad-activations>.
import "../frame.js";
import "./element.js";
