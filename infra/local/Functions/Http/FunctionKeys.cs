using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace Serverless.Local;

/// <summary>
/// The keys of the functions and the host's rules for them, kept in a file: <c>{"master": key, "host": {name: key},
/// "system": {name: key}, "functions": {function: {name: key}}}</c>.
/// </summary>
internal sealed class FunctionKeys
{
    private const int KeyBytes = 32;
    private const string Header = "x-functions-key";
    private const string Parameter = "code";

    private readonly byte[] _master;
    private readonly byte[][] _host;
    private readonly byte[][] _system;
    private readonly Dictionary<string, byte[][]> _functions;

    private FunctionKeys(Stored stored)
    {
        _master = Digest(stored.Master);
        _host = [.. stored.Host.Values.Select(Digest)];
        _system = [.. stored.System.Values.Select(Digest)];
        _functions = stored.Functions.ToDictionary(f => f.Key, f => f.Value.Values.Select(Digest).ToArray(), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Reads the file; makes it, and the keys that it lacks, where needed.</summary>
    /// <exception cref="LocalPlatformException">The file is malformed or cannot be written.</exception>
    public static FunctionKeys Open(string path, IEnumerable<string> functions, TextWriter output)
    {
        try
        {
            var exists = File.Exists(path);
            var stored = exists ? Stored.Parse(File.ReadAllBytes(path)) : new Stored(NewKey());
            var changed = !exists;
            if (stored.Host.Count == 0)
                changed |= stored.Host.TryAdd("default", NewKey());
            foreach (var function in functions)
            {
                if (!stored.Functions.ContainsKey(function))
                    changed |= stored.Functions.TryAdd(function, new() { ["default"] = NewKey() });
            }

            if (changed)
                Write(path, stored);
            if (!exists)
                output.WriteLine($"The functions' keys are in {Path.GetFullPath(path)}");
            return new FunctionKeys(stored);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new LocalPlatformException(
                $"The file of function keys '{Path.GetFullPath(path)}' cannot be used: {e.Message} Repair it, or delete it to have new keys made.", e);
        }
    }

    /// <summary>Whether a request may call a function of this level. The header is read first; where there is one, the query is not looked at.</summary>
    public bool Allows(HttpRequest request, AuthorizationLevel level, string function)
    {
        if (level == AuthorizationLevel.Anonymous)
            return true;
        var header = request.Headers[Header];
        var key = header.Count > 0 ? header[0] : request.Query[Parameter].FirstOrDefault();
        if (string.IsNullOrEmpty(key))
            return false;
        var digest = Digest(key);
        var allowed = Matches(digest, [_master]);
        if (level == AuthorizationLevel.Function)
            allowed |= Matches(digest, _host) | (_functions.TryGetValue(function, out var own) && Matches(digest, own));
        else if (level == AuthorizationLevel.System)
            allowed |= Matches(digest, _system);
        return allowed;
    }

    // Digests are of one length, and every one is looked at: the time tells nothing about the keys.
    private static bool Matches(byte[] digest, byte[][] keys)
    {
        var found = false;
        foreach (var key in keys)
            found |= CryptographicOperations.FixedTimeEquals(digest, key);
        return found;
    }

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));

    private static string NewKey() => Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes)).Replace('+', '-').Replace('/', '_').TrimEnd('=');

    private static void Write(string path, Stored stored)
    {
        var temporary = path + ".new";
        File.Delete(temporary);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(temporary, options))
        {
            stored.Write(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, path, overwrite: true);
    }

    private sealed class Stored(string master)
    {
        public string Master { get; } = master;

        public Dictionary<string, string> Host { get; private init; } = [];

        public Dictionary<string, string> System { get; private init; } = [];

        public Dictionary<string, Dictionary<string, string>> Functions { get; } = new(StringComparer.OrdinalIgnoreCase);

        public static Stored Parse(byte[] json)
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var stored = new Stored(root.GetProperty("master").GetString() ?? throw new JsonException("master is null."))
            {
                Host = Keys(root, "host"),
                System = Keys(root, "system"),
            };
            if (root.TryGetProperty("functions", out var functions))
            {
                foreach (var function in functions.EnumerateObject())
                    stored.Functions[function.Name] = Keys(functions, function.Name);
            }

            return stored;
        }

        public void Write(Stream file)
        {
            using var json = new Utf8JsonWriter(file, new JsonWriterOptions { Indented = true });
            json.WriteStartObject();
            json.WriteString("master", Master);
            Write(json, "host", Host);
            Write(json, "system", System);
            json.WriteStartObject("functions");
            foreach (var (function, keys) in Functions)
                Write(json, function, keys);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        private static Dictionary<string, string> Keys(JsonElement parent, string name) =>
            parent.TryGetProperty(name, out var keys)
                ? keys.EnumerateObject().ToDictionary(k => k.Name, k => k.Value.GetString() ?? throw new JsonException($"{name}.{k.Name} is null."))
                : [];

        private static void Write(Utf8JsonWriter json, string name, Dictionary<string, string> keys)
        {
            json.WriteStartObject(name);
            foreach (var (key, value) in keys)
                json.WriteString(key, value);
            json.WriteEndObject();
        }
    }
}
