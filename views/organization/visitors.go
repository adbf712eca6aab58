package organization

import (
	"context"
	"time"
	"unicode"
	"unicode/utf8"

	"locum/models"
	"locum/models/access"
	"locum/models/tenancy"
	"locum/views/i18n"
	"locum/views/ui"
)

// Visitors is what the page shows on which superusers say what they ask of
// visitors.
type Visitors struct {
	tenancy.Organization
	In      tenancy.Hosting // as it stands, or as it was typed
	Inside  []access.Inside // what In means for those inside
	Waiting []access.Inside // who would have to wait and need not now; nothing was saved
	Now     time.Time
	Wrong   models.FieldErrors
}

// needWords names what is missing, within a sentence.
func needWords(ctx context.Context, needs []models.Need) string {
	words := make([]string, len(needs))
	for i, n := range needs {
		name := i18n.T(ctx, "need."+string(n))
		first, size := utf8.DecodeRuneInString(name)
		words[i] = string(unicode.ToLower(first)) + name[size:]
	}
	return i18n.From(ctx).List(words)
}

// notifyOptions are the ways in which superusers hear of visits by default.
func notifyOptions(ctx context.Context) (options []ui.Option) {
	for _, n := range []tenancy.Notify{tenancy.AtOnce, tenancy.PerVisit, tenancy.Digest} {
		options = append(options, ui.Option{Value: string(n), Label: i18n.T(ctx, "visitors.notify."+string(n))})
	}
	return options
}
