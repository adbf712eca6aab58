// Package i18n holds every visible text of Locum and writes dates, periods,
// numbers and lists the way the reader's language does.
//
// Texts live in locales/<language>/<area>.json, flat: a dotted key and a text
// with {{.Names}}, or a plural as {"one": …, "other": …}. A further language
// is a further folder. The package knows no request, no database and no
// markup: it must never be asked to decide anything but wording.
package i18n

import (
	"embed"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	goi18n "github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

//go:embed locales
var files embed.FS

// Default is the language used when the reader's is unknown, and the one that
// fills in for a text another language lacks.
const Default = "en"

// catalog is the loaded texts of all languages.
type catalog struct {
	bundle    *goi18n.Bundle
	languages []string // Default first, then by name
	matcher   language.Matcher
}

// texts loads the catalogs at their first use. A broken catalog is a mistake
// in the program, so it panics with the name of the file.
var texts = sync.OnceValue(func() catalog {
	loaded, err := load(files)
	if err != nil {
		panic("i18n: " + err.Error())
	}
	return loaded
})

func load(from fs.FS) (catalog, error) {
	c := catalog{bundle: goi18n.NewBundle(language.English), languages: []string{Default}}
	names, err := fs.Glob(from, "locales/*/*.json")
	if err != nil {
		return c, err
	}
	sort.Strings(names)
	for _, name := range names {
		content, err := fs.ReadFile(from, name)
		if err != nil {
			return c, err
		}
		lang := path.Base(path.Dir(name))
		// The library reads the language from the file's name.
		if _, err := c.bundle.ParseMessageFileBytes(content, lang+".json"); err != nil {
			return c, fmt.Errorf("%s: %w", name, err)
		}
		if c.languages[len(c.languages)-1] != lang && lang != Default {
			c.languages = append(c.languages, lang)
		}
	}
	var tags []language.Tag
	for _, lang := range c.languages {
		tag, err := language.Parse(lang)
		if err != nil {
			return c, fmt.Errorf("locales/%s: %w", lang, err)
		}
		tags = append(tags, tag)
	}
	c.matcher = language.NewMatcher(tags)
	return c, nil
}

// Languages lists the languages Locum speaks, by their codes ("en", "nl"),
// the default first.
func Languages() []string {
	return append([]string(nil), texts().languages...)
}

// Known tells whether Locum speaks the language of this code.
func Known(code string) bool {
	for _, lang := range texts().languages {
		if lang == code {
			return true
		}
	}
	return false
}

// Match picks the language that serves a reader best from the Accept-Language
// header of his browser (RFC 9110, section 12.5.4). Without a match it is
// Default.
func Match(acceptLanguage string) string {
	wanted, _, err := language.ParseAcceptLanguage(strings.TrimSpace(acceptLanguage))
	if err != nil || len(wanted) == 0 {
		return Default
	}
	c := texts()
	_, at, confidence := c.matcher.Match(wanted...)
	if confidence == language.No {
		return Default
	}
	return c.languages[at]
}
