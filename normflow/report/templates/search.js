(function () {
  "use strict";
  var form = document.getElementById("search"), text = document.getElementById("text");
  var kind = document.getElementById("kind"), told = document.getElementById("told");
  var columns = Array.prototype.slice.call(document.querySelectorAll(".col"));
  var names = columns.map(function (one) { return one.querySelector("h3").textContent.toLowerCase(); });
  function show() {
    var words = text.value.toLowerCase().split(/\s+/), count = 0;
    columns.forEach(function (one, i) {
      var found = words.every(function (word) { return names[i].indexOf(word) >= 0; });
      var fits = kind.value === "" || one.classList.contains(kind.value);
      one.hidden = !(found && fits);
      count += one.hidden ? 0 : 1;
    });
    told.textContent = count + " of " + columns.length + " shown";
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  text.addEventListener("input", show);
  kind.addEventListener("change", show);
  addEventListener("keydown", function (event) {
    var at = event.target.tagName, typing = at === "INPUT" || at === "SELECT";
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      text.focus();
    } else if (event.key === "Escape" && typing) {
      text.value = kind.value = "";
      show();
    }
  });
  addEventListener("beforeprint", function () {
    document.querySelectorAll("details").forEach(function (one) { one.open = true; });
  });
  show();
})();
