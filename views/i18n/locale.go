package i18n

import (
	"context"
	"time"

	"locum/models"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
	"golang.org/x/text/message"
	// Time zones are chosen by people, so they must exist on every machine.
	_ "time/tzdata"
)

// Locale is how one reader wants to read: the language and the time zone. The
// zero Locale speaks the default language in UTC.
type Locale struct {
	// Language is the code of the language ("nl"), as in the lang attribute.
	Language string
	// Zone is where the reader's clock stands. Use Location, which is never nil.
	Zone *time.Location

	localizer *goi18n.Localizer
	printer   *message.Printer
}

// For returns the Locale of a language and an IANA time zone. An unknown
// language becomes Default, an unknown zone UTC.
func For(lang, timeZone string) Locale {
	if !Known(lang) {
		lang = Default
	}
	zone, err := time.LoadLocation(timeZone)
	if err != nil {
		zone = time.UTC
	}
	return Locale{
		Language:  lang,
		Zone:      zone,
		localizer: goi18n.NewLocalizer(texts().bundle, lang),
		printer:   message.NewPrinter(language.Make(lang)),
	}
}

// Location is the reader's time zone, UTC when he has none.
func (l Locale) Location() *time.Location {
	if l.Zone == nil {
		return time.UTC
	}
	return l.Zone
}

// ready turns the zero Locale into a working one.
func (l Locale) ready() Locale {
	if l.localizer != nil {
		return l
	}
	full := For(l.Language, "")
	full.Zone = l.Location()
	return full
}

// T is the text of key. args are names and values in turn and fill the
// {{.Names}} of the text: a time is written as DateTime, a list of words as
// List. An unknown key is returned as it is, which the package's tests refuse.
func (l Locale) T(key string, args ...any) string {
	return l.localize(&goi18n.LocalizeConfig{MessageID: key, TemplateData: l.data(args)}, key)
}

// Say is the text of a message of the domain. An argument Count chooses the
// plural form.
func (l Locale) Say(m models.Message) string {
	var args []any
	for name, value := range m.Args {
		args = append(args, name, value)
	}
	if count, ok := m.Args["Count"].(int); ok {
		return l.N(m.Key, count, args...)
	}
	return l.T(m.Key, args...)
}

// N is the text of key in the plural form of count. The text may use
// {{.Count}}, which is written as a number of the language.
func (l Locale) N(key string, count int, args ...any) string {
	filled := l.data(args)
	filled["Count"] = l.Number(count)
	return l.localize(&goi18n.LocalizeConfig{MessageID: key, TemplateData: filled, PluralCount: count}, key)
}

// Has tells whether the catalogs hold key.
func Has(key string) bool {
	_, err := For(Default, "").localizer.Localize(&goi18n.LocalizeConfig{MessageID: key, PluralCount: 2, TemplateData: map[string]any{}})
	return err == nil
}

func (l Locale) localize(config *goi18n.LocalizeConfig, key string) string {
	// On fallback to the default language the library returns the text and an
	// error, so only an empty text means that there is none.
	text, _ := l.ready().localizer.Localize(config)
	if text == "" {
		return key
	}
	return text
}

func (l Locale) data(args []any) map[string]any {
	filled := make(map[string]any, len(args)/2+1)
	for i := 0; i+1 < len(args); i += 2 {
		name, ok := args[i].(string)
		if !ok {
			continue
		}
		switch value := args[i+1].(type) {
		case time.Time:
			filled[name] = l.DateTime(value)
		case models.Instant:
			filled[name] = l.DateTime(value.Time)
		case []string:
			filled[name] = l.List(value)
		case models.Message:
			filled[name] = l.Say(value)
		default:
			filled[name] = value
		}
	}
	return filled
}

type contextKey struct{}

// With returns a context that carries the reader's Locale to the components.
func With(ctx context.Context, l Locale) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From is the reader's Locale, or the zero Locale when nobody set one.
func From(ctx context.Context) Locale {
	l, _ := ctx.Value(contextKey{}).(Locale)
	return l
}

// T is the text of key for the reader of ctx. See Locale.T.
func T(ctx context.Context, key string, args ...any) string {
	return From(ctx).T(key, args...)
}

// Say is the text of a domain's message for the reader of ctx. See Locale.Say.
func Say(ctx context.Context, m models.Message) string {
	return From(ctx).Say(m)
}

// N is the plural text of key for the reader of ctx. See Locale.N.
func N(ctx context.Context, key string, count int, args ...any) string {
	return From(ctx).N(key, count, args...)
}
