namespace Lockstep.Cli.Options;

/// <summary>Machines as ssh knows them: [USER@]HOST, each once, at least one.</summary>
internal sealed record SshHosts(IReadOnlyList<string> All)
{
    private const int Most = 256;

    /// <summary>Reads names separated by commas.</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static SshHosts Parse(string text)
    {
        string[] hosts = text.Split(',', StringSplitOptions.TrimEntries);
        // To ssh, what begins with '-' is an option, which could run a program.
        if (hosts.FirstOrDefault(host => !IsHost(host)) is { } wrong)
            throw new FormatException(wrong.Length == 0 ? "a name is missing beside a comma" : $"'{wrong}' is not a host");
        if (hosts.GroupBy(host => host, StringComparer.Ordinal).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new FormatException($"'{twice.Key}' is there twice, but one worker uses all processors of its host");
        return hosts.Length <= Most ? new SshHosts(hosts) : throw new FormatException($"more than {Most} hosts");
    }

    public override string ToString() => string.Join(',', All);

    private static bool IsHost(string host)
    {
        string[] parts = host.Split('@');
        return parts.Length <= 2 && parts.All(part => part.Length > 0 && part[0] != '-' && part.All(IsOfName));
    }

    private static bool IsOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '%';
}
