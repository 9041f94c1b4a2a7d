/* SPDX-License-Identifier: EUPL-1.2
 *
 * Opens the encrypted bodies of messages: OpenBody KEY DOCUMENT PLAIN ... prints "opened" for each
 * three when one of the document's encrypted keys gives way to this key and the text is whole (it is
 * then in PLAIN), otherwise "refused", with the reason on standard error. RSA-OAEP is done by Apache
 * Santuario (Debian's libxml-security-java); its version 2.1.7 doesn't know ECDH-ES, so that is done
 * here after XML Encryption 1.1, sections 5.4.1 and 5.6.4, with the JDK's own primitives and with
 * every parameter read from the document. */
import java.io.File;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.security.AlgorithmParameters;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.ECParameterSpec;
import java.security.spec.ECPoint;
import java.security.spec.ECPublicKeySpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Cipher;
import javax.crypto.KeyAgreement;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.xml.security.encryption.EncryptedKey;
import org.apache.xml.security.encryption.XMLCipher;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

public class OpenBody {
	static final String XENC = "http://www.w3.org/2001/04/xmlenc#";
	static final String XENC11 = "http://www.w3.org/2009/xmlenc11#";
	static final String DSIG11 = "http://www.w3.org/2009/xmldsig11#";

	static PrivateKey key(String file) throws Exception {
		String text = new String(Files.readAllBytes(Paths.get(file)));
		byte[] der = Base64.getMimeDecoder().decode(text.replaceAll("-----[A-Z ]+-----", ""));
		for (String kind : new String[] {"RSA", "EC"}) {
			try {
				return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
			} catch (java.security.spec.InvalidKeySpecException e) {
				continue;
			}
		}
		throw new Exception("not an RSA or EC key");
	}

	static Element child(Element parent, String ns, String name) throws Exception {
		Element e = (Element) parent.getElementsByTagNameNS(ns, name).item(0);
		if (e == null)
			throw new Exception("no " + name);
		return e;
	}

	static byte[] octets(Element e) {
		return Base64.getDecoder().decode(e.getTextContent());
	}

	static byte[] hex(String text) {
		byte[] out = new byte[text.length() / 2];
		for (int i = 0; i < out.length; i++)
			out[i] = (byte) Integer.parseInt(text.substring(2 * i, 2 * i + 2), 16);
		return out;
	}

	/* The ephemeral key: an uncompressed point on a named curve. */
	static PublicKey originator(Element value) throws Exception {
		String oid = child(value, DSIG11, "NamedCurve").getAttribute("URI").substring(8);
		AlgorithmParameters p = AlgorithmParameters.getInstance("EC");
		p.init(new ECGenParameterSpec(oid));
		byte[] point = octets(child(value, DSIG11, "PublicKey"));
		int n = (point.length - 1) / 2;
		ECPoint w = new ECPoint(new BigInteger(1, Arrays.copyOfRange(point, 1, n + 1)),
			new BigInteger(1, Arrays.copyOfRange(point, n + 1, 2 * n + 1)));
		return KeyFactory.getInstance("EC").generatePublic(
			new ECPublicKeySpec(w, p.getParameterSpec(ECParameterSpec.class)));
	}

	/* One round of ConcatKDF with SHA-256 gives the 32 octets that AES-256 key wrap needs. */
	static byte[] derive(byte[] secret, Element params) throws Exception {
		MessageDigest d = MessageDigest.getInstance("SHA-256");
		d.update(new byte[] {0, 0, 0, 1});
		d.update(secret);
		for (String name : new String[] {"AlgorithmID", "PartyUInfo", "PartyVInfo"}) {
			byte[] bits = hex(params.getAttribute(name));
			if (bits[0] != 0)
				throw new Exception("padding bits");
			d.update(bits, 1, bits.length - 1);
		}
		return d.digest();
	}

	static byte[] openWithEc(PrivateKey key, Element data, Element envelope) throws Exception {
		KeyAgreement a = KeyAgreement.getInstance("ECDH");
		a.init(key);
		a.doPhase(originator(child(envelope, DSIG11, "ECKeyValue")), true);
		byte[] kek = derive(a.generateSecret(), child(envelope, XENC11, "ConcatKDFParams"));
		Cipher unwrap = Cipher.getInstance("AESWrap");
		unwrap.init(Cipher.UNWRAP_MODE, new SecretKeySpec(kek, "AES"));
		SecretKey body = (SecretKey) unwrap.unwrap(
			octets(child(envelope, XENC, "CipherValue")), "AES", Cipher.SECRET_KEY);
		Element last = (Element) data.getLastChild();
		byte[] sealed = octets(child(last, XENC, "CipherValue"));
		Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
		gcm.init(Cipher.DECRYPT_MODE, body, new GCMParameterSpec(128, sealed, 0, 12));
		return gcm.doFinal(sealed, 12, sealed.length - 12);
	}

	static byte[] openWithRsa(PrivateKey key, Document d, Element data, Element envelope)
		throws Exception {
		XMLCipher outer = XMLCipher.getInstance();
		outer.init(XMLCipher.DECRYPT_MODE, null);
		outer.loadEncryptedData(d, data);
		XMLCipher wrap = XMLCipher.getInstance();
		wrap.init(XMLCipher.UNWRAP_MODE, key);
		EncryptedKey wrapped = wrap.loadEncryptedKey(envelope);
		java.security.Key body = wrap.decryptKey(wrapped,
			data.getElementsByTagNameNS(XENC, "EncryptionMethod").item(0).getAttributes()
				.getNamedItem("Algorithm").getNodeValue());
		XMLCipher cipher = XMLCipher.getInstance();
		cipher.init(XMLCipher.DECRYPT_MODE, body);
		return cipher.decryptToByteArray(data);
	}

	/* The addressees are tried one after the other: nothing but the key decides. */
	static byte[] open(PrivateKey key, Document d) throws Exception {
		Element data = child(d.getDocumentElement(), XENC, "EncryptedData");
		NodeList envelopes = data.getElementsByTagNameNS(XENC, "EncryptedKey");
		Exception why = new Exception("no EncryptedKey");
		for (int i = 0; i < envelopes.getLength(); i++) {
			Element envelope = (Element) envelopes.item(i);
			try {
				return key.getAlgorithm().equals("RSA")
					? openWithRsa(key, d, data, envelope)
					: openWithEc(key, data, envelope);
			} catch (Exception e) {
				why = e;
			}
		}
		throw why;
	}

	static boolean opens(DocumentBuilderFactory f, String key, String document, String plain) {
		try {
			Document d = f.newDocumentBuilder().parse(new File(document));
			Files.write(Paths.get(plain), open(key(key), d));
			return true;
		} catch (Exception e) {
			System.err.println(document + ": " + e);
			return false;
		}
	}

	public static void main(String[] args) throws Exception {
		DocumentBuilderFactory f = DocumentBuilderFactory.newInstance();
		f.setNamespaceAware(true);
		org.apache.xml.security.Init.init();
		for (int i = 0; i + 2 < args.length; i += 3)
			System.out.println(opens(f, args[i], args[i + 1], args[i + 2]) ? "opened" : "refused");
	}
}
