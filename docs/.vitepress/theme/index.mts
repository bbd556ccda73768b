// The default theme of VitePress, and a few rules for pictures and side-by-side code.
import DefaultTheme from "vitepress/theme";
import "./style.css";

export default DefaultTheme;
