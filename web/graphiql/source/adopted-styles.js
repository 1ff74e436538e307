// In place of react-style-singleton: a style element would need 'unsafe-inline'; a sheet that a script adopts does not.
import { useEffect } from "react";

export const styleSingleton = () =>
  function Adopted({ styles }) {
    useEffect(() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(styles);
      document.adoptedStyleSheets.push(sheet);
      return () => {
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== sheet);
      };
    }, [styles]);
    return null;
  };
