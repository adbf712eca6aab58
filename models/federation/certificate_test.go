package federation

import (
	"context"
	"crypto/x509"
	"errors"
	"testing"

	"locum/models"
)

// renewer may renew certificates, and nothing else.
func (h *house) renewer() models.Actor {
	by := h.marieke
	by.Permissions = models.Permissions{models.ManageCertificates}
	return by
}

func TestWhoRenewsCertificatesChangesNothingElse(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		address := provider()
		address.MetadataURL = "https://login.devries.example/metadata"
		h.must2(h.federation.TakeUp(h.ctx, h.marieke, h.connection.ID, address))
		renewed := provider()
		renewed.Certificates = []*x509.Certificate{nextCertificate()}
		c, err := h.federation.TakeUp(h.ctx, h.renewer(), h.connection.ID, renewed)
		h.must(err)
		if trusted, err := c.Trusted(); err != nil || len(trusted) != 1 || !trusted[0].Equal(nextCertificate()) || c.MetadataURL != address.MetadataURL {
			t.Errorf("renewed to %v at %q: %v", trusted, c.MetadataURL, err)
		}
		for what, change := range map[string]func(*Provider){
			"another provider":          func(p *Provider) { p.EntityID = "https://evil.example" },
			"another sign-in":           func(p *Provider) { p.SSORedirect = "https://evil.example/sso" },
			"a sign-in by POST":         func(p *Provider) { p.SSOPost = "https://evil.example/sso" },
			"another sign-out":          func(p *Provider) { p.SLORedirect = "https://evil.example/slo" },
			"metadata of another place": func(p *Provider) { p.MetadataURL = "https://evil.example/metadata" },
		} {
			p := provider()
			change(&p)
			_, err := h.federation.TakeUp(h.ctx, h.renewer(), h.connection.ID, p)
			var wrong *models.Error
			if !errors.As(err, &wrong) || wrong.Fields["metadata"].Key != "sso.error.certificates_only" {
				t.Errorf("%s: %v", what, err)
			}
		}
		now, err := h.federation.Get(h.ctx, h.renewer(), h.connection.ID)
		h.must(err)
		if now.SSORedirect != provider().SSORedirect || now.EntityID != provider().EntityID || now.SSOPost != "" || now.MetadataURL != address.MetadataURL {
			t.Errorf("a refused change stayed: %+v", now)
		}
	})
}

func TestWhoRenewsCertificatesManagesNoConnection(t *testing.T) {
	h := newHouse(t)
	by, id := h.renewer(), h.connection.ID
	h.must(h.federation.RotateKey(h.ctx, by, id))
	_, connected := h.federation.Connect(h.ctx, by, Draft{Name: "Mine", Provider: provider()})
	_, prepared := h.federation.Prepare(h.ctx, by, "Mine", Okta)
	_, renamed := h.federation.Rename(h.ctx, by, id, "Mine")
	_, enabled := h.federation.Enable(h.ctx, by, id, false)
	_, abandoned := h.federation.Abandon(h.ctx, by, id)
	_, tested := h.federation.BeginTest(h.ctx, by, Start{Connection: id})
	_, updated := h.federation.Update(h.ctx, by, id, Draft{Name: "Mine", Provider: provider()})
	_, domain := h.federation.AddDomain(h.ctx, by, "mine.example")
	_, domains := h.federation.Domains(h.ctx, by)
	_, verified := h.federation.VerifyDomain(h.ctx, by, "dom_1", func(context.Context, string) ([]string, error) { return nil, nil })
	for what, err := range map[string]error{"connect": connected, "prepare": prepared, "rename": renamed, "enable": enabled, "abandon": abandoned,
		"test": tested, "update": updated, "add a domain": domain, "list domains": domains, "verify a domain": verified} {
		if models.KindOf(err) != models.Forbidden {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestTheCompanySeesWhichOperatorVouchedForADomain(t *testing.T) {
	everywhere(t, func(t *testing.T, h *house) {
		operator := h.operator
		operator.Name = "Olga Brandt"
		_, err := h.federation.AddDomain(h.ctx, h.marieke, "devries.be")
		h.must(err)
		if list, err := h.federation.DomainsOf(h.ctx, operator, h.marieke.Effective.Company); err != nil || len(list) != 2 {
			t.Fatalf("the operator sees %+v: %v", list, err)
		}
		if _, err := h.federation.DomainsOf(h.ctx, h.marieke, h.marieke.Effective.Company); models.KindOf(err) != models.Forbidden {
			t.Errorf("a manager asks as an operator: %v", err)
		}
		_, err = h.federation.VouchDomain(h.ctx, operator, h.marieke.Effective.Company, "devries.be")
		h.must(err)
		list, err := h.federation.Domains(h.ctx, h.marieke)
		h.must(err)
		if d := list[0]; d.Name != "devries.be" || d.VerifiedBy != ByOperator || d.VouchedBy != "Olga Brandt" || d.VerifiedAt == nil {
			t.Errorf("the company sees %+v", d)
		}
	})
}
