package saml

import (
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

func keyDescriptor(use string, certificate *x509.Certificate) string {
	if use != "" {
		use = fmt.Sprintf(` use="%s"`, use)
	}
	return fmt.Sprintf(`<md:KeyDescriptor%s><ds:KeyInfo xmlns:ds="%s"><ds:X509Data><ds:X509Certificate>
  %s
</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`, use, nsSignature, base64.StdEncoding.EncodeToString(certificate.Raw))
}

// metadataPieces is a sound document in pieces.
func metadataPieces() map[string]string {
	return map[string]string{
		"before": "", "after": "", "entityID": idpEntity, "validUntil": "", "role": "IDPSSODescriptor", "protocol": nsProtocol,
		"keys": keyDescriptor("signing", keys().idp.certificate) + keyDescriptor("", keys().next.certificate) +
			keyDescriptor("signing", keys().idp.certificate) + keyDescriptor("encryption", keys().stranger.certificate),
		"logout":   `<md:SingleLogoutService Binding="{{redirectBinding}}" Location="https://login.devries.example/slo"/>`,
		"redirect": "https://login.devries.example/sso?tenant=1", "post": "https://login.devries.example/post",
		"redirectBinding": BindingRedirect,
	}
}

func metadata(change map[string]string) []byte {
	pieces := metadataPieces()
	for name, piece := range change {
		pieces[name] = piece
	}
	written := `{{before}}<md:EntityDescriptor xmlns:md="` + nsMetadata + `" entityID="{{entityID}}" {{validUntil}}>` +
		`<md:{{role}} protocolSupportEnumeration="{{protocol}}" WantAuthnRequestsSigned="true">{{keys}}{{logout}}<md:NameIDFormat>` + NamePersistent + `</md:NameIDFormat>` +
		`<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="ftp://ignored"/>` +
		`<md:SingleSignOnService Binding="{{redirectBinding}}" Location="{{redirect}}"/><md:SingleSignOnService Binding="` + BindingPost + `" Location="{{post}}"/>` +
		`</md:{{role}}></md:EntityDescriptor>{{after}}`
	for range 2 {
		for name, piece := range pieces {
			written = strings.ReplaceAll(written, "{{"+name+"}}", piece)
		}
	}
	return []byte(written)
}

func TestParseMetadata(t *testing.T) {
	got, err := ParseMetadata(metadata(map[string]string{"validUntil": `validUntil="2026-11-22T00:00:00Z"`}), now)
	if err != nil {
		t.Fatal(err)
	}
	want := IdentityProvider{
		EntityID:       idpEntity,
		SignOnRedirect: "https://login.devries.example/sso?tenant=1", SignOnPost: "https://login.devries.example/post",
		LogoutRedirect: "https://login.devries.example/slo",
		Certificates:   []*x509.Certificate{keys().idp.certificate, keys().next.certificate},
		ValidUntil:     time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), WantsSignedRequests: true,
		NameFormats: []string{NamePersistent},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("read %+v\nwant %+v", got, want)
	}
}

func TestParseMetadataAccepts(t *testing.T) {
	list := `<md:EntitiesDescriptor xmlns:md="` + nsMetadata + `">`
	for name, change := range map[string]map[string]string{
		"alone in a list":                      {"before": list, "after": "</md:EntitiesDescriptor>"},
		"XML declaration and byte order mark":  {"before": "\ufeff" + `<?xml version="1.0" encoding="utf-8"?>`},
		"http on this machine":                 {"redirect": "http://127.0.0.1:8081/sso", "post": "http://localhost:8081/post"},
		"an ended certificate beside a valid":  {"keys": keyDescriptor("signing", keys().ended.certificate) + keyDescriptor("signing", keys().next.certificate)},
		"several protocols":                    {"protocol": "urn:oasis:names:tc:SAML:1.1:protocol " + nsProtocol},
		"only the POST binding is one we know": {"redirectBinding": "urn:other"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := ParseMetadata(metadata(change), now); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func TestParseMetadataRefuses(t *testing.T) {
	list := `<md:EntitiesDescriptor xmlns:md="` + nsMetadata + `"%s>`
	weak := newPair(newRSA(1024), now.AddDate(-1, 0, 0), now.AddDate(1, 0, 0)).certificate
	for name, c := range map[string]struct {
		document []byte
		why      Reason
	}{
		"nothing":                    {nil, MetadataMalformed},
		"a web page":                 {[]byte("<!doctype html><html></html>"), DocumentType},
		"over 5 MB":                  {make([]byte, 5<<20+1), MetadataTooLarge},
		"DOCTYPE":                    {metadata(map[string]string{"before": "<!DOCTYPE x>"}), DocumentType},
		"nested too deep":            {[]byte(strings.Repeat("<a>", 100)), TooComplex},
		"another document":           {[]byte(`<rss/>`), MetadataMalformed},
		"an empty list":              {fmt.Appendf(nil, list+"</md:EntitiesDescriptor>", ""), MetadataMalformed},
		"two entities":               {metadata(map[string]string{"before": fmt.Sprintf(list, "") + string(metadata(nil)), "after": "</md:EntitiesDescriptor>"}), MetadataSeveral},
		"expired":                    {metadata(map[string]string{"validUntil": `validUntil="2026-11-21T09:00:00Z"`}), MetadataExpired},
		"list expired":               {metadata(map[string]string{"before": fmt.Sprintf(list, ` validUntil="2026-11-20T00:00:00Z"`), "after": "</md:EntitiesDescriptor>"}), MetadataExpired},
		"no time":                    {metadata(map[string]string{"validUntil": `validUntil="soon"`}), MetadataMalformed},
		"no entity id":               {metadata(map[string]string{"entityID": ""}), MetadataMalformed},
		"a service provider":         {metadata(map[string]string{"role": "SPSSODescriptor"}), MetadataMalformed},
		"SAML 1.1 only":              {metadata(map[string]string{"protocol": "urn:oasis:names:tc:SAML:1.1:protocol"}), MetadataMalformed},
		"no certificate":             {metadata(map[string]string{"keys": ""}), MetadataNoKey},
		"only for encryption":        {metadata(map[string]string{"keys": keyDescriptor("encryption", keys().idp.certificate)}), MetadataNoKey},
		"weak key":                   {metadata(map[string]string{"keys": keyDescriptor("signing", weak)}), MetadataNoKey},
		"all certificates ended":     {metadata(map[string]string{"keys": keyDescriptor("signing", keys().ended.certificate)}), CertificateExpired},
		"broken certificate":         {metadata(map[string]string{"keys": strings.Replace(keyDescriptor("signing", keys().idp.certificate), "MII", "AII", 1)}), MetadataMalformed},
		"no binding of ours":         {metadata(map[string]string{"redirectBinding": "urn:other", "post": "", "logout": ""}), MetadataWrongAddress},
		"http":                       {metadata(map[string]string{"redirect": "http://login.devries.example/sso"}), MetadataWrongAddress},
		"script as POST address":     {metadata(map[string]string{"post": "javascript:alert(1)//https://x"}), MetadataWrongAddress},
		"data address":               {metadata(map[string]string{"redirect": "data:text/html,x"}), MetadataWrongAddress},
		"user in the address":        {metadata(map[string]string{"redirect": "https://a:b@login.devries.example/sso"}), MetadataWrongAddress},
		"fragment in the address":    {metadata(map[string]string{"redirect": "https://login.devries.example/sso#x"}), MetadataWrongAddress},
		"no host":                    {metadata(map[string]string{"redirect": "https:///sso"}), MetadataWrongAddress},
		"script as logout address":   {metadata(map[string]string{"logout": `<md:SingleLogoutService Binding="` + BindingPost + `" Location="javascript:x"/>`}), MetadataWrongAddress},
		"a host that starts like us": {metadata(map[string]string{"redirect": "http://localhost.attacker.example/"}), MetadataWrongAddress},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseMetadata(c.document, now)
			refusedFor(t, err, c.why)
		})
	}
	t.Run("no address at all", func(t *testing.T) {
		document := strings.NewReplacer("SingleSignOnService", "ArtifactResolutionService").Replace(string(metadata(nil)))
		_, err := ParseMetadata([]byte(document), now)
		refusedFor(t, err, MetadataNoAddress)
	})
}

func TestServiceProviderMetadata(t *testing.T) {
	ours, next := keys().ours.certificate, keys().oursNext.certificate
	sp := ServiceProvider{EntityID: ourEntity, ACS: ourACS + "?a=1&b=2", Logout: "https://hub.example/saml/con_1/slo", Certificates: []*x509.Certificate{ours, next}, SignsRequests: true}
	document, err := sp.Metadata()
	if err != nil {
		t.Fatal(err)
	}
	root, err := parse(document, Limits{}.orDefault())
	if err != nil {
		t.Fatal(err)
	}
	if !is(root, nsMetadata, "EntityDescriptor") || attr(root, "entityID") != ourEntity {
		t.Errorf("entity %q", attr(root, "entityID"))
	}
	role := children(root, nsMetadata, "SPSSODescriptor")[0]
	acs := children(role, nsMetadata, "AssertionConsumerService")[0]
	if attr(acs, "Location") != sp.ACS || attr(acs, "Binding") != BindingPost {
		t.Errorf("ACS %q by %q", attr(acs, "Location"), attr(acs, "Binding"))
	}
	uses := map[string]int{}
	for _, key := range children(role, nsMetadata, "KeyDescriptor") {
		uses[attr(key, "use")]++
		for _, method := range children(key, nsMetadata, "EncryptionMethod") {
			name := attr(method, "Algorithm")
			if _, ok := contentCiphers[name]; !ok && name != oaepMGF1P {
				t.Errorf("offers %q, which is not taken", name)
			}
		}
	}
	if uses["signing"] != 1 || uses["encryption"] != 2 {
		t.Errorf("publishes keys %v", uses)
	}
	for name, want := range map[string]string{"AuthnRequestsSigned": "true", "WantAssertionsSigned": "true", "protocolSupportEnumeration": nsProtocol} {
		if got := attr(role, name); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}
