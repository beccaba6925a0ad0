import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URL;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.security.MessageDigest;
import java.text.SimpleDateFormat;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TimeZone;
import java.util.TreeMap;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.xml.parsers.DocumentBuilderFactory;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.BufferedFSInputStream;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.FSInputStream;
import org.apache.hadoop.fs.FileAlreadyExistsException;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.fs.permission.FsPermission;
import org.apache.hadoop.security.AccessControlException;
import org.apache.hadoop.util.Progressable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/**
 * s3:// for a Spark of the rehearsal: every call goes to AWS_ENDPOINT_URL, signed with the
 * credentials of the process, so that the emulator can hold it against the role's policies.
 *
 * Glue has S3A; its jars are no part of pyspark. Compiled by Janino, which pyspark brings along:
 * hence no lambdas, no `var`, and casts where a collection's elements are used.
 */
public class S3FileSystem extends FileSystem {
  private URI uri;
  private String bucket;
  private Path workingDirectory;

  public void initialize(URI name, Configuration conf) throws IOException {
    super.initialize(name, conf);
    setConf(conf);
    uri = URI.create(name.getScheme() + "://" + name.getAuthority());
    bucket = name.getAuthority();
    workingDirectory = new Path(uri + "/");
  }

  public URI getUri() {
    return uri;
  }

  public String getScheme() {
    return "s3";
  }

  public Path getWorkingDirectory() {
    return workingDirectory;
  }

  public void setWorkingDirectory(Path path) {
    workingDirectory = path;
  }

  // ---------------------------------------------------------------- what a file system does

  public FileStatus getFileStatus(Path path) throws IOException {
    String key = key(path);
    if (key.isEmpty()) {
      return folder("");
    }
    try {
      HttpURLConnection answer = call("HEAD", key, new TreeMap(), new TreeMap(), null);
      long size = Long.parseLong(answer.getHeaderField("content-length"));
      return file(key, size, answer.getLastModified());
    } catch (FileNotFoundException err) {
      if (list(key + "/", "", 1).isEmpty()) {
        throw new FileNotFoundException("No such file or directory: " + path);
      }
      return folder(key);
    }
  }

  public FileStatus[] listStatus(Path path) throws IOException {
    FileStatus status = getFileStatus(path);
    if (status.isFile()) {
      return new FileStatus[] {status};
    }
    String prefix = key(path).isEmpty() ? "" : key(path) + "/";
    List found = new ArrayList();
    for (Iterator each = list(prefix, "/", 1000).iterator(); each.hasNext();) {
      FileStatus child = (FileStatus) each.next();
      String key = key(child.getPath());
      if (!key.equals(prefix) && !(key + "/").equals(prefix)) {
        found.add(child);
      }
    }
    return (FileStatus[]) found.toArray(new FileStatus[0]);
  }

  public boolean mkdirs(Path path, FsPermission permission) throws IOException {
    return true; // a folder is there as soon as something is in it
  }

  public boolean delete(Path path, boolean recursive) throws IOException {
    String key = key(path);
    List keys = keysBelow(key);
    boolean any = !keys.isEmpty();
    for (Iterator each = keys.iterator(); each.hasNext();) {
      call("DELETE", (String) each.next(), new TreeMap(), new TreeMap(), null);
    }
    if (!any && !key.isEmpty()) {
      try {
        any = getFileStatus(path).isFile();
        call("DELETE", key, new TreeMap(), new TreeMap(), null);
      } catch (FileNotFoundException err) {
        return false;
      }
    }
    return any;
  }

  public boolean rename(Path from, Path to) throws IOException {
    String source = key(from);
    String target = key(to);
    try {
      if (getFileStatus(to).isDirectory()) {
        target = target + "/" + from.getName();
      }
    } catch (FileNotFoundException err) {
      // the usual case: the target is not there yet
    }
    List keys = keysBelow(source);
    if (keys.isEmpty()) {
      try {
        getFileStatus(from);
      } catch (FileNotFoundException err) {
        return false;
      }
      keys.add(source);
    }
    for (Iterator each = keys.iterator(); each.hasNext();) {
      String key = (String) each.next();
      TreeMap headers = new TreeMap();
      headers.put("x-amz-copy-source", "/" + bucket + "/" + encoded(key, true));
      call("PUT", target + key.substring(source.length()), new TreeMap(), headers, null);
      call("DELETE", key, new TreeMap(), new TreeMap(), null);
    }
    return true;
  }

  public FSDataOutputStream append(Path path, int buffer, Progressable progress) {
    throw new UnsupportedOperationException("S3 cannot append");
  }

  public FSDataOutputStream create(Path path, FsPermission permission, boolean overwrite,
      int buffer, short replication, long blockSize, Progressable progress) throws IOException {
    if (!overwrite && exists(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return new FSDataOutputStream(new Upload(this, key(path)), statistics);
  }

  public FSDataInputStream open(Path path, int buffer) throws IOException {
    FileStatus status = getFileStatus(path);
    if (status.isDirectory()) {
      throw new FileNotFoundException(path + " is a folder");
    }
    Download download = new Download(this, key(path), status.getLen());
    return new FSDataInputStream(new BufferedFSInputStream(download, 1 << 16));
  }

  /** What is written goes to a local file and from there, when closed, to S3. */
  static class Upload extends FilterOutputStream {
    private final S3FileSystem files;
    private final String key;
    private final java.nio.file.Path part;
    private boolean closed = false;

    Upload(S3FileSystem files, String key) throws IOException {
      super(null);
      this.files = files;
      this.key = key;
      this.part = Files.createTempFile("s3-", ".part");
      this.out = new BufferedOutputStream(Files.newOutputStream(part));
    }

    public void write(byte[] data, int offset, int length) throws IOException {
      out.write(data, offset, length);
    }

    public void close() throws IOException {
      if (closed) {
        return;
      }
      closed = true;
      out.close();
      try {
        files.call("PUT", key, new TreeMap(), new TreeMap(), part);
      } finally {
        Files.deleteIfExists(part);
      }
    }
  }

  /** Reads from wherever it is put, with one request for each run of bytes. */
  static class Download extends FSInputStream {
    private final S3FileSystem files;
    private final String key;
    private final long size;
    private long position = 0;
    private InputStream body = null;

    Download(S3FileSystem files, String key, long size) {
      this.files = files;
      this.key = key;
      this.size = size;
    }

    public void seek(long target) throws IOException {
      if (target < 0 || target > size) {
        throw new EOFException();
      }
      if (target != position) {
        close();
        position = target;
      }
    }

    public long getPos() {
      return position;
    }

    public boolean seekToNewSource(long target) {
      return false;
    }

    private InputStream body() throws IOException {
      if (body == null) {
        TreeMap headers = new TreeMap();
        headers.put("range", "bytes=" + position + "-");
        body = files.call("GET", key, new TreeMap(), headers, null).getInputStream();
      }
      return body;
    }

    public int read() throws IOException {
      byte[] one = new byte[1];
      int count = read(one, 0, 1);
      return count < 0 ? -1 : one[0] & 0xff;
    }

    public int read(byte[] target, int offset, int length) throws IOException {
      if (position >= size) {
        return -1;
      }
      int count = body().read(target, offset, length);
      if (count > 0) {
        position += count;
      }
      return count;
    }

    public void close() throws IOException {
      if (body != null) {
        body.close();
        body = null;
      }
    }
  }

  // ---------------------------------------------------------------- S3

  private String key(Path path) {
    String key = makeQualified(path).toUri().getPath();
    return key.startsWith("/") ? key.substring(1) : key;
  }

  private FileStatus file(String key, long size, long modified) {
    return new FileStatus(size, false, 1, 32L << 20, modified, new Path(uri + "/" + key));
  }

  private FileStatus folder(String key) {
    return new FileStatus(0L, true, 1, 0L, 0L, new Path(uri + "/" + key));
  }

  private List keysBelow(String key) throws IOException {
    List keys = new ArrayList();
    String prefix = key.isEmpty() ? "" : key + "/";
    for (Iterator each = list(prefix, "", 1000).iterator(); each.hasNext();) {
      keys.add(((FileStatus) each.next()).getPath().toUri().getPath().substring(1));
    }
    return keys;
  }

  /** The objects below a prefix, and with a delimiter the folders; at most `page` of them if 1. */
  private List list(String prefix, String delimiter, int page) throws IOException {
    List found = new ArrayList();
    String token = "";
    do {
      TreeMap query = new TreeMap();
      query.put("list-type", "2");
      query.put("prefix", prefix);
      query.put("max-keys", "" + page);
      if (!delimiter.isEmpty()) {
        query.put("delimiter", delimiter);
      }
      if (!token.isEmpty()) {
        query.put("continuation-token", token);
      }
      Document answer = parsed(call("GET", "", query, new TreeMap(), null).getInputStream());
      NodeList objects = answer.getElementsByTagName("Contents");
      for (int i = 0; i < objects.getLength(); i++) {
        Element each = (Element) objects.item(i);
        long modified = Instant.parse(text(each, "LastModified")).toEpochMilli();
        found.add(file(text(each, "Key"), Long.parseLong(text(each, "Size")), modified));
      }
      NodeList folders = answer.getElementsByTagName("CommonPrefixes");
      for (int i = 0; i < folders.getLength(); i++) {
        String name = text((Element) folders.item(i), "Prefix");
        found.add(folder(name.substring(0, name.length() - 1)));
      }
      NodeList next = answer.getElementsByTagName("NextContinuationToken");
      token = next.getLength() > 0 ? next.item(0).getTextContent() : "";
    } while (!token.isEmpty() && page > 1);
    return found;
  }

  private static Document parsed(InputStream body) throws IOException {
    try {
      return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(body);
    } catch (IOException err) {
      throw err;
    } catch (Exception err) {
      throw new IOException(err);
    } finally {
      body.close();
    }
  }

  private static String text(Element element, String name) {
    return element.getElementsByTagName(name).item(0).getTextContent();
  }

  HttpURLConnection call(String method, String key, TreeMap query, TreeMap headers,
      java.nio.file.Path body) throws IOException {
    String path = "/" + bucket + (key.isEmpty() ? "" : "/" + encoded(key, true));
    String parameters = joined(query);
    URL url = new URL(setting("AWS_ENDPOINT_URL", "") + path
        + (parameters.isEmpty() ? "" : "?" + parameters));
    HttpURLConnection request = (HttpURLConnection) url.openConnection();
    request.setRequestMethod(method);
    TreeMap all = new TreeMap(headers);
    all.put("authorization", signature(method, url, path, parameters, all));
    all.remove("host");
    for (Iterator each = all.entrySet().iterator(); each.hasNext();) {
      Map.Entry header = (Map.Entry) each.next();
      request.setRequestProperty((String) header.getKey(), (String) header.getValue());
    }
    if (method.equals("PUT")) {
      request.setDoOutput(true);
      request.setFixedLengthStreamingMode(body == null ? 0L : Files.size(body));
      OutputStream out = request.getOutputStream();
      if (body != null) {
        Files.copy(body, out);
      }
      out.close();
    }
    int status = request.getResponseCode();
    String what = method + " s3://" + bucket + "/" + key;
    if (status == 404) {
      throw new FileNotFoundException(what);
    }
    if (status == 403) {
      throw new AccessControlException("AccessDenied: " + what);
    }
    if (status >= 300) {
      throw new IOException(what + " -> " + status);
    }
    return request;
  }

  // ---------------------------------------------------------------- AWS signature, version 4

  /** Adds the headers that are signed to `headers` and returns the Authorization header. */
  private static String signature(String method, URL url, String path, String query,
      TreeMap headers) throws IOException {
    SimpleDateFormat format = new SimpleDateFormat("yyyyMMdd'T'HHmmss'Z'", Locale.ROOT);
    format.setTimeZone(TimeZone.getTimeZone("UTC"));
    String time = format.format(new Date());
    headers.put("host", url.getAuthority());
    headers.put("x-amz-date", time);
    headers.put("x-amz-content-sha256", "UNSIGNED-PAYLOAD");
    if (System.getenv("AWS_SESSION_TOKEN") != null) {
      headers.put("x-amz-security-token", System.getenv("AWS_SESSION_TOKEN"));
    }
    StringBuilder lines = new StringBuilder();
    StringBuilder names = new StringBuilder();
    for (Iterator each = headers.entrySet().iterator(); each.hasNext();) {
      Map.Entry header = (Map.Entry) each.next();
      lines.append(header.getKey()).append(":").append(header.getValue()).append("\n");
      names.append(names.length() == 0 ? "" : ";").append(header.getKey());
    }
    String request = method + "\n" + path + "\n" + query + "\n" + lines + "\n" + names
        + "\nUNSIGNED-PAYLOAD";
    String day = time.substring(0, 8);
    String scope = day + "/" + setting("AWS_REGION", "us-east-1") + "/s3/aws4_request";
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(request.getBytes("UTF-8"));
      String toSign = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + hex(digest);
      byte[] signing = ("AWS4" + setting("AWS_SECRET_ACCESS_KEY", "")).getBytes("UTF-8");
      String[] parts = scope.split("/");
      for (int i = 0; i < parts.length; i++) {
        signing = hmac(signing, parts[i]);
      }
      return "AWS4-HMAC-SHA256 Credential=" + setting("AWS_ACCESS_KEY_ID", "") + "/" + scope
          + ", SignedHeaders=" + names + ", Signature=" + hex(hmac(signing, toSign));
    } catch (java.security.GeneralSecurityException err) {
      throw new IOException(err);
    }
  }

  private static byte[] hmac(byte[] key, String text)
      throws java.security.GeneralSecurityException, IOException {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    return mac.doFinal(text.getBytes("UTF-8"));
  }

  private static String hex(byte[] data) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < data.length; i++) {
      text.append(Character.forDigit((data[i] >> 4) & 15, 16));
      text.append(Character.forDigit(data[i] & 15, 16));
    }
    return text.toString();
  }

  private static String joined(TreeMap query) throws IOException {
    StringBuilder text = new StringBuilder();
    for (Iterator each = query.entrySet().iterator(); each.hasNext();) {
      Map.Entry entry = (Map.Entry) each.next();
      text.append(text.length() == 0 ? "" : "&").append(encoded((String) entry.getKey(), false));
      text.append("=").append(encoded((String) entry.getValue(), false));
    }
    return text.toString();
  }

  private static String encoded(String text, boolean keepSlash) throws IOException {
    String all = URLEncoder.encode(text, "UTF-8");
    all = all.replace("+", "%20").replace("*", "%2A").replace("%7E", "~");
    return keepSlash ? all.replace("%2F", "/") : all;
  }

  private static String setting(String name, String otherwise) {
    String value = System.getenv(name);
    return value == null ? otherwise : value;
  }
}
