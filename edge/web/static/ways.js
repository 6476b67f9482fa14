// In a table that is filled in, Enter goes on to the next cell; the button takes the table in.
for (const form of document.querySelectorAll("form[data-next-on-enter]")) {
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.target.tagName !== "INPUT" || event.ctrlKey) return;
    event.preventDefault();
    const cells = [...form.elements].filter((cell) => cell.type !== "hidden" && !cell.disabled);
    const next = cells[cells.indexOf(event.target) + 1];
    if (next) next.focus();
  });
}
