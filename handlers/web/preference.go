package web

import (
	"locum/models"
	"locum/views/i18n"
)

// mountPreferences serves what anybody may choose for his browser.
func (a *App) mountPreferences() {
	a.Open("POST /language", a.language, AnyEpoch)
	a.Open("POST /account/theme", a.theme, AnyEpoch)
}

// language keeps the language in the browser, and for a signed-in person with
// his account, which goes before the browser.
func (a *App) language(r *Request) (Response, error) {
	chosen := r.FormValue("language")
	if !i18n.Known(chosen) {
		return Response{}, models.Fail(models.Invalid, "web.unknown_language")
	}
	if r.Actor.May(models.OwnAccount) && a.config.Speak != nil {
		if err := a.config.Speak(r.Context(), r.Actor, chosen); err != nil {
			return Response{}, err
		}
	}
	r.cookies = append(r.cookies, a.cookies.make(a.cookies.language, chosen, preferenceLifetime))
	return Redirect(r.Next(r.referer("/")), ""), nil
}

// theme keeps the appearance in the browser; anything but light and dark
// follows the system.
func (a *App) theme(r *Request) (Response, error) {
	switch chosen := r.FormValue("theme"); chosen {
	case "light", "dark":
		r.cookies = append(r.cookies, a.cookies.make(a.cookies.theme, chosen, preferenceLifetime))
	default:
		r.cookies = append(r.cookies, a.cookies.forget(a.cookies.theme))
	}
	return Redirect(r.Next(r.referer("/")), ""), nil
}
