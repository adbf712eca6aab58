package provisioning

import (
	"strings"
	"unicode/utf8"
)

// globMatch compares the whole of text with a glob. It steps back to the last *
// only, so its time is at most the product of the two lengths.
func globMatch(glob, text string) bool {
	starAt, textAt := -1, 0
	g, t := 0, 0
	for t < len(text) {
		if g < len(glob) && glob[g] == '*' {
			starAt, textAt = g, t
			g++
			continue
		}
		if n, m := globStep(glob[g:], text[t:]); n > 0 {
			g, t = g+n, t+m
			continue
		}
		if starAt < 0 {
			return false
		}
		_, size := utf8.DecodeRuneInString(text[textAt:])
		textAt += size
		g, t = starAt+1, textAt
	}
	return strings.Trim(glob[g:], "*") == ""
}

// globStep matches one character and says how many bytes that took of the glob
// and of the text; zero when it does not match.
func globStep(glob, text string) (int, int) {
	if glob == "" {
		return 0, 0
	}
	_, size := utf8.DecodeRuneInString(text)
	if glob[0] == '?' {
		return 1, size
	}
	skip := 0
	if glob[0] == '\\' && len(glob) > 1 {
		skip = 1
	}
	if strings.HasPrefix(glob[skip:], text[:size]) {
		return skip + size, size
	}
	return 0, 0
}

// globLiterals cuts a glob into the texts between its wildcards: the first is
// what a match must begin with, the last what it must end with, and either may
// be empty. A glob without wildcards is one text.
func globLiterals(glob string) []string {
	var parts []string
	var part strings.Builder
	for i := 0; i < len(glob); i++ {
		switch c := glob[i]; {
		case c == '*' || c == '?':
			parts = append(parts, part.String())
			part.Reset()
		case c == '\\' && i+1 < len(glob):
			i++
			part.WriteByte(glob[i])
		default:
			part.WriteByte(c)
		}
	}
	return append(parts, part.String())
}
