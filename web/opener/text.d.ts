// A text file that the build puts into the page.
declare module "*.txt" {
  const text: string;
  export default text;
}
