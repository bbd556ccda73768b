// The page step.html: the frame around <handgrad-step>.
import "../frame.js";
import "./element.js";
