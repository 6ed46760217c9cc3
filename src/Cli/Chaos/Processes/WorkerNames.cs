using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Cli.Chaos.Processes;

/// <summary>Puts the plan's numbers of workers where the coordinator says their addresses.</summary>
/// <param name="numberOf">Number of the worker that listens on a port now; null for none.</param>
internal sealed partial class WorkerNames(Func<int, int?> numberOf)
{
    // A coordinator's last words may come along with the first of the next one.
    private readonly ConcurrentDictionary<string, int?> _numbers = [];

    /// <summary>A line of the coordinator, with <c>worker 127.0.0.1:40123</c> as <c>worker 2</c>.</summary>
    public string Translate(string line) => WorkerAddress().Replace(line, match =>
    {
        string port = match.Groups[1].Value;
        int? number = _numbers.GetOrAdd(port, _ => numberOf(int.Parse(port, CultureInfo.InvariantCulture)));
        return number is null ? match.Value : $"worker {number}";
    });

    [GeneratedRegex(@"worker 127\.0\.0\.1:(\d{1,5})")]
    private static partial Regex WorkerAddress();
}
