package web

import (
	"encoding/json"
	"math"
	"net/http"
	"slices"
	"time"

	"github.com/gorilla/securecookie"

	"locum/models"
	"locum/views/i18n"
	"locum/views/ui"
)

// Flash is something that the next page says once. Its cookie is signed and
// lives for ten minutes.
type Flash struct {
	Tone    string // of the ui package
	Message models.Message
	// Until says it on every page before then: what happened to a session is
	// told in each of its tabs. Zero says it once.
	Until time.Time
	shown bool // on a page already
}

// mostFlashes is how many can wait; the oldest go first.
const mostFlashes = 3

// keptFlash is a Flash as its cookie holds it. Times are kept apart, so that
// they are written in the reader's language and zone when they are shown.
type keptFlash struct {
	Tone  string               `json:"t"`
	Key   string               `json:"k"`
	Args  map[string]any       `json:"a,omitempty"`
	Times map[string]time.Time `json:"m,omitempty"`
	Until time.Time            `json:"u,omitzero"`
	Shown bool                 `json:"s,omitempty"`
}

func (f Flash) kept() keptFlash {
	k := keptFlash{Tone: f.Tone, Key: f.Message.Key, Until: f.Until, Shown: f.shown, Args: map[string]any{}, Times: map[string]time.Time{}}
	for name, value := range f.Message.Args {
		switch value := value.(type) {
		case time.Time:
			k.Times[name] = value
		case models.Instant:
			k.Times[name] = value.Time
		default:
			k.Args[name] = value
		}
	}
	return k
}

func (k keptFlash) flash() Flash {
	f := Flash{Tone: k.Tone, Until: k.Until, shown: k.Shown, Message: models.Message{Key: k.Key, Args: map[string]any{}}}
	for name, value := range k.Args {
		switch value := value.(type) {
		case float64: // how JSON reads every number
			if value == math.Trunc(value) {
				f.Message.Args[name] = int(value)
				continue
			}
			f.Message.Args[name] = value
		case []any:
			words := make([]string, 0, len(value))
			for _, word := range value {
				if text, ok := word.(string); ok {
					words = append(words, text)
				}
			}
			f.Message.Args[name] = words
		default:
			f.Message.Args[name] = value
		}
	}
	for name, value := range k.Times {
		f.Message.Args[name] = value
	}
	return f
}

// props is the notice of a flash: its text, and below it that of the key with
// ".text", where the catalogs have one.
func (f Flash) props(locale i18n.Locale) ui.NoticeProps {
	notice := ui.NoticeProps{Tone: f.Tone, Title: locale.Say(f.Message)}
	if more := f.Message.Key + ".text"; i18n.Has(more) {
		notice.Text = locale.Say(models.Message{Key: more, Args: f.Message.Args})
	}
	return notice
}

// flashes are what waits to be said in this browser. A cookie that was not
// signed by Locum says nothing.
func (c cookies) flashes(r *http.Request) []Flash {
	cookie, err := r.Cookie(c.flash)
	if err != nil {
		return nil
	}
	var content string
	var kept []keptFlash
	if securecookie.DecodeMulti(c.flash, cookie.Value, &content, c.flashCodec...) != nil || json.Unmarshal([]byte(content), &kept) != nil {
		return nil
	}
	var all []Flash
	for _, k := range kept {
		all = append(all, k.flash())
	}
	return all
}

// keep is the cookie that holds the flashes for the next page. Texts too long
// for a cookie are not said: the change itself is what counts.
func (c cookies) keep(all []Flash) *http.Cookie {
	all = all[max(0, len(all)-mostFlashes):]
	var kept []keptFlash
	for _, f := range all {
		kept = append(kept, f.kept())
	}
	content, err := json.Marshal(kept)
	if err != nil {
		return c.forget(c.flash)
	}
	signed, err := securecookie.EncodeMulti(c.flash, string(content), c.flashCodec...)
	if err != nil {
		return c.forget(c.flash)
	}
	return c.make(c.flash, signed, flashLifetime)
}

// afterShowing is the cookie once its flashes were said: empty, but for those
// that other tabs are still to say.
func (c cookies) afterShowing(all []Flash, now time.Time) *http.Cookie {
	var still []Flash
	for _, f := range all {
		if now.Before(f.Until) {
			f.shown = true
			still = append(still, f)
		}
	}
	if len(still) == 0 {
		return c.forget(c.flash)
	}
	return c.keep(still)
}

// toShow leaves out what was on a page already and is not to be said any more.
func toShow(all []Flash, now time.Time) []Flash {
	return slices.DeleteFunc(all, func(f Flash) bool { return f.shown && !now.Before(f.Until) })
}
