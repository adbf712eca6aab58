package layout

import (
	"context"

	"locum/views/i18n"
)

// language is the lang attribute of the document.
func language(ctx context.Context) string {
	if code := i18n.From(ctx).Language; code != "" {
		return code
	}
	return i18n.Default
}

// theme is the data-theme attribute, empty when the system decides.
func (f Frame) theme() string {
	if f.Theme == "light" || f.Theme == "dark" {
		return f.Theme
	}
	return ""
}

// chosenTheme is the value of the theme's form that is chosen now.
func (f Frame) chosenTheme() string {
	if theme := f.theme(); theme != "" {
		return theme
	}
	return "system"
}

// printed is the line above a printed page: where, for whom, who and when.
func (f Frame) printed(ctx context.Context) string {
	locale := i18n.From(ctx)
	if f.Actor.Visiting() {
		return locale.T("layout.printed.acting", "Place", f.place(ctx), "Own", f.Actor.Real.Label(), "Name", f.Actor.Name, "When", f.Now)
	}
	if f.Actor.ByLink() {
		return locale.T("layout.printed.link", "Place", f.place(ctx), "Name", f.Actor.Name, "When", f.Now)
	}
	return locale.T("layout.printed", "Place", f.place(ctx), "Name", f.Actor.Name, "When", f.Now)
}

// back is where a form of the shell returns to.
func (f Frame) back() string {
	if f.Path == "" {
		return "/"
	}
	return f.Path
}
