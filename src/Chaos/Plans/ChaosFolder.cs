using System.Globalization;
using Lockstep.Runs;

namespace Lockstep.Chaos.Plans;

/// <summary>The folder of one run under faults: plan, log, result, picture, and the run folder of each coordinator.</summary>
/// <param name="Path">The folder.</param>
internal sealed record ChaosFolder(string Path)
{
    public string Plan => System.IO.Path.Combine(Path, "plan.json");

    public string Log => System.IO.Path.Combine(Path, "log.txt");

    public string Result => System.IO.Path.Combine(Path, "result.json");

    public string Picture => System.IO.Path.Combine(Path, "timeline.svg");

    /// <summary>Run folder of a coordinator.</summary>
    /// <param name="coordinator">Its number, from 1 on.</param>
    public string RunOf(int coordinator) => System.IO.Path.Combine(Path, string.Create(CultureInfo.InvariantCulture, $"run-{coordinator}"));

    /// <summary>Creates it, and writes the plan into it.</summary>
    /// <param name="path">The folder; null for a new one in <c>chaos/</c>.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="now">The time, for its name.</param>
    /// <exception cref="RequestException">It is not empty, or cannot be written.</exception>
    public static ChaosFolder Create(string? path, ChaosPlan plan, DateTimeOffset now)
    {
        string of = plan.Seed is { } seed ? $"seed{seed}" : "plan";
        path ??= System.IO.Path.Combine(
            "chaos", string.Create(CultureInfo.InvariantCulture, $"{now.UtcDateTime:yyyyMMdd'T'HHmmss'Z'}-{of}"));
        try
        {
            if (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any())
                throw new RequestException($"{path} is not empty. Give another folder to --out.");
            _ = Directory.CreateDirectory(path);
            var folder = new ChaosFolder(path);
            JsonFile.Write(folder.Plan, writer => PlanJson.Write(writer, plan));
            return folder;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RequestException($"The folder {path} cannot be written: {e.Message.TrimEnd('.')}. "
                + "Give a folder that you may write to with --out.", e);
        }
    }
}
