// Takes the secret from behind the address's # into the form, and out of the address.
const typed = decodeURIComponent(location.hash.slice(1));
if (typed) {
  document.querySelector('#pair [name="secret"]').value = typed;
  document.querySelector("#pair button").focus();
  history.replaceState(null, "", location.pathname);
}
