package provisioning

import (
	"context"
	"time"

	"locum/models/tenancy"
	"locum/views/i18n"
)

// Verified says how a verified domain was shown to be the company's, by whom
// and when.
func Verified(ctx context.Context, d tenancy.Domain, now time.Time) string {
	l := i18n.From(ctx)
	when := l.ShortDateTime(now, d.VerifiedAt.Time)
	if d.VouchedBy != "" {
		return l.T("domain.verified.operator.by", "Name", d.VouchedBy, "When", when)
	}
	return l.T("domain.verified."+d.VerifiedBy, "When", when)
}

// text says what requiring single sign-on means for people of the domain.
func (q Requiring) text(ctx context.Context) string {
	if len(q.Connections) == 0 {
		return i18n.T(ctx, "domain.require.ask", "Name", q.Domain.Name)
	}
	return i18n.T(ctx, "domain.require.ask.through", "Name", q.Domain.Name, "Through", i18n.From(ctx).List(q.Connections))
}
