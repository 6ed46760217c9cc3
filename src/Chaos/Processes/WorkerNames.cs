using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Lockstep.Chaos.Processes;

/// <summary>Replaces addresses in a coordinator's lines by the plan's numbers of workers and coordinators.</summary>
/// <param name="workerAt">Number of the worker that listens on a port; null for none.</param>
/// <param name="coordinatorAt">Number of the coordinator with an address; null for none.</param>
internal sealed partial class WorkerNames(Func<int, int?> workerAt, Func<string, int?> coordinatorAt)
{
    // The last lines of a coordinator may come together with the first ones of the next.
    private readonly ConcurrentDictionary<string, int?> _workers = [];

    /// <summary>A line of a coordinator, with <c>worker 127.0.0.1:40123</c> as <c>worker 2</c>.</summary>
    public string Translate(string line)
    {
        line = WorkerAddress().Replace(line, match =>
        {
            string port = match.Groups[1].Value;
            int? number = _workers.GetOrAdd(port, _ => workerAt(int.Parse(port, CultureInfo.InvariantCulture)));
            return number is null ? match.Value : $"worker {number}";
        });
        return CoordinatorAddress().Replace(line, match =>
            coordinatorAt(match.Groups[2].Value) is { } number
                ? $"{(match.Groups[1].Success ? match.Groups[1].Value : "coordinator")} {number}"
                : match.Value);
    }

    [GeneratedRegex(@"worker 127\.0\.0\.1:(\d{1,5})")]
    private static partial Regex WorkerAddress();

    [GeneratedRegex(@"(?:\b(?:the )?(coordinator|standby) (?:at )?)?(127\.0\.0\.1:\d{1,5})")]
    private static partial Regex CoordinatorAddress();
}
