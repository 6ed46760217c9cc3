using System.Runtime.InteropServices;
using System.Text.Json;
using Lockstep.Model.Simd;
using Lockstep.Shared;

namespace Lockstep.Runs;

/// <summary><c>env.json</c>: what the run ran on. It does not influence the weights; it explains the times.</summary>
public static class RunEnvironment
{
    /// <summary>Version of this build, such as <c>0.1.0</c>.</summary>
    public static string Version => ProductVersion.Current.Split('+')[0];

    /// <summary>Commit of this build in full, or null where it was built without one.</summary>
    public static string? Commit => ProductVersion.Current.Split('+') is [_, var commit] ? commit : null;

    /// <summary>Writes the description of this machine and process as one object.</summary>
    /// <param name="writer">Receives it.</param>
    /// <param name="started">When the command started.</param>
    /// <param name="arguments">The command line.</param>
    public static void Write(Utf8JsonWriter writer, DateTimeOffset started, IReadOnlyList<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(arguments);
        var environment = new EnvironmentJson(
            started.UtcDateTime,
            arguments,
            Version,
            Commit,
            RuntimeInformation.FrameworkDescription,
            typeof(Akka.Actor.ActorSystem).Assembly.GetName().Version?.ToString(3),
            Environment.MachineName,
            RuntimeInformation.OSDescription,
            RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant(),
            ProcessorName(),
            Environment.ProcessorCount,
            GC.GetGCMemoryInfo().TotalAvailableMemoryBytes,
            (int)KernelDispatch.Available[^1],
            KernelDispatch.Width.ToString().ToLowerInvariant());
        JsonSerializer.Serialize(writer, environment, RunFilesContext.Default.EnvironmentJson);
    }

    private static string? ProcessorName()
    {
        const string info = "/proc/cpuinfo";
        if (!File.Exists(info))
            return Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        string? line = File.ReadLines(info).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line?[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
