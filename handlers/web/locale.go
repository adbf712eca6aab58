package web

import (
	"locum/views/i18n"
)

// homeZone is the time zone of those who have not chosen one and belong to no
// organization that has.
const homeZone = "Europe/Amsterdam"

// chooseLocale is how the person wants to read: as the account says; else as
// this browser was told; else as the browser asks. Times are shown in the
// account's zone, else in that of where he works.
func (r *Request) chooseLocale() i18n.Locale {
	language := r.Actor.Language
	if !i18n.Known(language) {
		language = r.app.cookies.languageOf(r.Request)
	}
	if language == "" {
		language = i18n.Match(r.Header.Get("Accept-Language"))
	}
	zone := homeZone
	for _, chosen := range []string{r.Actor.TimeZone, r.Actor.Effective.TimeZone, r.Actor.Real.TimeZone} {
		if chosen != "" {
			zone = chosen
			break
		}
	}
	return i18n.For(language, zone)
}
