package provisioning

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// fold gives two texts the same form when they differ in case only. It is the
// simple folding of Unicode, as in strings.EqualFold, written out because an
// index needs a form to store and not only a comparison. It works rune by rune,
// so that the fold of a prefix is a prefix of the fold.
func fold(text string) string {
	for i := 0; i < len(text); i++ {
		if c := text[i]; c >= utf8.RuneSelf || 'A' <= c && c <= 'Z' {
			return strings.Map(foldRune, text)
		}
	}
	return text
}

// foldRune is the smallest rune of r's case orbit, in lower case where that is
// an ASCII letter: so ASCII text that is in lower case folds to itself.
func foldRune(r rune) rune {
	if r < utf8.RuneSelf {
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return r
	}
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if 'A' <= least && least <= 'Z' {
		least += 'a' - 'A'
	}
	return least
}
