package vault

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"strings"
	"testing"

	"locum/models"
)

// pasted gives private keys in the forms that people have.
func pasted(t testing.TB) map[string]string {
	t.Helper()
	_, ed, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ec, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	r, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	sec1, err := x509.MarshalECPrivateKey(ec)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(ed)
	if err != nil {
		t.Fatal(err)
	}
	return map[string]string{"ed25519": encode("PRIVATE KEY", pkcs8), "ecdsa-p384": encode("EC PRIVATE KEY", sec1), "rsa-2048": encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(r))}
}

func TestPastedKeysAreReadAndWrittenAlike(t *testing.T) {
	for algorithm, text := range pasted(t) {
		wrong := models.FieldErrors{}
		h := parse("\r\n"+text+"\r\n", wrong)
		if len(wrong) != 0 || h.algorithm != algorithm || !strings.Contains(h.public, "BEGIN PUBLIC KEY") || !strings.Contains(h.value, "BEGIN PRIVATE KEY") {
			t.Errorf("%s: %v, %+v", algorithm, wrong, h)
		}
		if again := parse(h.value, wrong); again != h {
			t.Errorf("%s does not read what it wrote", algorithm)
		}
	}
	for _, algorithm := range Algorithms {
		wrong := models.FieldErrors{}
		h, err := generate(algorithm, wrong)
		if err != nil || len(wrong) != 0 || parse(h.value, wrong) != h {
			t.Errorf("%s: %v %v", algorithm, err, wrong)
		}
	}
}

func TestWhatIsNoPrivateKeyIsExplained(t *testing.T) {
	good := pasted(t)["ed25519"]
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	block := func(kind string) string { return encode(kind, []byte{1, 2, 3}) }
	for want, text := range map[string]string{
		"vault.error.pem":           "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
		"vault.error.pem_more":      good + good,
		"vault.error.pem_encrypted": block("ENCRYPTED PRIVATE KEY"),
		"vault.error.pem_openssh":   block("OPENSSH PRIVATE KEY"),
		"vault.error.pem_public":    block("CERTIFICATE"),
		"vault.error.pem_weak":      encode("RSA PRIVATE KEY", x509.MarshalPKCS1PrivateKey(small)),
	} {
		wrong := models.FieldErrors{}
		if h := parse(text, wrong); wrong["value"].Key != want || h.value != "" {
			t.Errorf("%s: %v", want, wrong)
		}
	}
}

// FuzzPrivateKey: whatever is pasted is a key that reads back, or explained.
func FuzzPrivateKey(f *testing.F) {
	for _, text := range pasted(f) {
		f.Add(text)
	}
	f.Add("")
	f.Add("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----")
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > MostValue {
			return
		}
		wrong := models.FieldErrors{}
		h := parse(text, wrong)
		switch {
		case len(wrong) > 0 && h.value != "":
			t.Fatal("a key that is wrong is kept")
		case len(wrong) > 0:
		default:
			if b, _ := pem.Decode([]byte(h.public)); b == nil || b.Type != "PUBLIC KEY" || h.algorithm == "" {
				t.Fatalf("%+v", h)
			}
			if again := parse(h.value, wrong); again != h {
				t.Fatal("it does not read back")
			}
		}
	})
}

// FuzzDraft: whatever is typed is a value of its kind, or explained.
func FuzzDraft(f *testing.F) {
	f.Add("text", "a\r\nb", "", "x")
	f.Add("token", " tok ", "", "x")
	f.Add("key_pair", "", "ed25519", "x\x00")
	f.Fuzz(func(t *testing.T, kind, value, algorithm, name string) {
		if algorithm == RSA3072 {
			return // making one takes long
		}
		wrong := models.FieldErrors{}
		in := Draft{Name: name, Kind: Kind(kind), Value: value, Algorithm: algorithm}
		in.checkName(wrong)
		h, err := in.checkValue(wrong)
		if err != nil {
			t.Fatal(err)
		}
		if wrong["value"].Key == "" && wrong["kind"].Key == "" && wrong["algorithm"].Key == "" && (h.value == "" || strings.Contains(h.value, "\x00")) {
			t.Fatalf("%q is taken as %q", value, h.value)
		}
	})
}
