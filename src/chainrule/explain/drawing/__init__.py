"""An explanation as a picture: its layout, SVG and PNG."""
