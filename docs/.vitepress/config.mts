// The site of the documentation: `npm run docs:site` builds it out of docs/ into out/site, with the API's pages of TypeDoc and the
// source beside it. Nothing is fetched from elsewhere; the search is local.
import { readFileSync, readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig, type DefaultTheme } from "vitepress";
import { sourceAddress, writeApi, writeSources } from "./sources.mjs";

const base = process.env.DOCS_BASE ?? "/";

/** The pages of a folder by their headings, but those that stand elsewhere: so a new page is never left out. */
function pagesOf(folder: string, elsewhere: readonly string[] = []): { text: string; link: string }[] {
  const files = readdirSync(fileURLToPath(new URL(`../${folder}`, import.meta.url)));
  const names = files.filter((name) => name.endsWith(".md")).map((name) => name.slice(0, -3));
  return names
    .filter((name) => !elsewhere.includes(name))
    .map((name) => {
      const page = readFileSync(fileURLToPath(new URL(`../${folder}${name}.md`, import.meta.url)), "utf8");
      return { text: /^# (.*)$/m.exec(page)?.[1] ?? name, link: `/${folder}${name}` };
    });
}

const guides: DefaultTheme.SidebarItem[] = [
  {
    text: "Start",
    items: [
      { text: "In a page", link: "/in-a-page" },
      { text: "What it cannot do", link: "/limits" },
      { text: "Tour of the source", link: "/tour" },
    ],
  },
  { text: "Guides", items: pagesOf("", ["index", "in-a-page", "limits", "tour"]) },
  { text: "Derivations", items: pagesOf("layers/") },
  {
    text: "Coming from",
    items: [
      { text: "PyTorch", link: "/coming-from/pytorch" },
      { text: "Keras", link: "/coming-from/keras" },
      { text: "TensorFlow.js", link: "/coming-from/tensorflowjs" },
      { text: "ConvNetJS", link: "/coming-from/convnetjs" },
      { text: "ml5", link: "/coming-from/ml5" },
    ],
  },
  {
    text: "Recipes",
    items: [
      { text: "Bundlers", link: "/recipes/bundlers" },
      { text: "Workers", link: "/recipes/workers" },
      { text: "Content security policy", link: "/recipes/csp" },
      { text: "React", link: "/recipes/react" },
      { text: "Next.js", link: "/recipes/next" },
      { text: "Svelte", link: "/recipes/svelte" },
      { text: "Electron", link: "/recipes/electron" },
      { text: "Servers and serverless", link: "/recipes/serverless" },
    ],
  },
];

function course(language: "en" | "ko"): DefaultTheme.SidebarItem[] {
  const korean = language === "ko";
  const titles = korean
    ? ["필터와 채널", "1차원에서 분류기까지", "파라미터 세기", "CNN의 모든 단계", "합성곱을 정확하게"]
    : ["Filters and channels", "One dimension to a classifier", "Counting parameters", "Every step of a CNN", "Convolution exactly"];
  const lessons = titles.map((title, i) => ({ text: `${i + 1}. ${title}`, link: `/course/${language}/lesson-${i + 1}` }));
  const more = [
    { text: korean ? "용어집" : "Glossary", link: "/course/glossary" },
    { text: korean ? "가르치는 분께" : "For teachers", link: `/course/${language}/teacher` },
  ];
  return [{ text: korean ? "강의" : "Course", link: `/course/${language}/`, items: [...lessons, ...more] }];
}

const nav: DefaultTheme.NavItem[] = [
  { text: "Guides", link: "/in-a-page", activeMatch: "^/(?!course|coming-from|recipes|$)" },
  { text: "Course", link: "/course/en/", activeMatch: "^/course/" },
  { text: "Recipes", link: "/recipes/bundlers", activeMatch: "^/recipes/" },
  { text: "Coming from", link: "/coming-from/pytorch", activeMatch: "^/coming-from/" },
  { text: "API", link: "/api/index.html", target: "_self" },
];

export default defineConfig({
  base,
  title: "handgrad",
  description: "CNN layers for TypeScript, each with a hand-written forward and backward pass",
  head: [["link", { rel: "icon", href: `${base}icon.svg`, type: "image/svg+xml" }]],
  outDir: "../out/site",
  cacheDir: "../out/vitepress",
  srcExclude: ["api/**"],
  ignoreDeadLinks: [/^\/(source|api)\//],
  markdown: {
    languageAlias: { quote: "ts", output: "text" },
    config(md) {
      // Links that leave docs/ lead to the source on the site. "_self" keeps the router, which knows pages only, out of it.
      md.core.ruler.push("sources", (state) => {
        const page = String((state.env as { relativePath?: string }).relativePath ?? "");
        for (const token of state.tokens.flatMap((block) => block.children ?? [])) {
          const address = token.type === "link_open" ? sourceAddress(page, String(token.attrGet("href"))) : undefined;
          if (address === undefined) continue;
          token.attrSet("href", `/${address}`);
          token.attrSet("target", "_self");
        }
      });
    },
  },
  vite: { build: { chunkSizeWarningLimit: 2000 } },
  locales: {
    root: { label: "English", lang: "en", link: "/" },
    "course/ko": {
      label: "한국어",
      lang: "ko",
      link: "/course/ko/",
      themeConfig: {
        nav: [
          { text: "강의", link: "/course/ko/" },
          { text: "가이드(영어)", link: "/in-a-page" },
          { text: "API(영어)", link: "/api/index.html", target: "_self" },
        ],
        outline: { label: "이 페이지의 목차" },
        docFooter: { prev: "이전", next: "다음" },
        darkModeSwitchLabel: "화면 테마",
        lightModeSwitchTitle: "밝은 테마로 바꾸기",
        darkModeSwitchTitle: "어두운 테마로 바꾸기",
        sidebarMenuLabel: "목차",
        returnToTopLabel: "맨 위로",
        langMenuLabel: "언어 변경",
        skipToContentLabel: "본문으로 건너뛰기",
      },
    },
  },
  themeConfig: {
    logoLink: { link: "/" },
    nav,
    sidebar: { "/course/ko/": course("ko"), "/course/": course("en"), "/": guides },
    i18nRouting: false, // only the course is in two languages; each of its pages links to its other self
    outline: { level: [2, 3] },
    search: {
      provider: "local",
      options: {
        locales: {
          "course/ko": {
            translations: {
              button: { buttonText: "검색", buttonAriaLabel: "검색" },
              modal: {
                displayDetails: "자세히 보기",
                resetButtonTitle: "지우기",
                backButtonTitle: "닫기",
                noResultsText: "결과가 없습니다:",
                footer: { selectText: "선택", navigateText: "이동", closeText: "닫기" },
              },
            },
          },
        },
      },
    },
  },
  async buildEnd({ outDir }) {
    writeApi(outDir);
    const count = await writeSources(outDir);
    console.log(`${count} source files in ${fileURLToPath(new URL("../../out/site/source", import.meta.url))}`);
  },
});
