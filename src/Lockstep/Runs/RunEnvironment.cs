using System.Runtime.InteropServices;
using System.Text.Json;
using Lockstep.Model.Simd;
using Lockstep.Shared;

namespace Lockstep.Runs;

/// <summary><c>env.json</c>: what the run ran on. Nothing in it influences a weight; it explains the times.</summary>
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
        writer.WriteStartObject();
        writer.WriteString("started", started.UtcDateTime);
        writer.WriteStartArray("arguments");
        foreach (string argument in arguments)
            writer.WriteStringValue(argument);
        writer.WriteEndArray();
        writer.WriteString("version", Version);
        writer.WriteString("commit", Commit);
        writer.WriteString("runtime", RuntimeInformation.FrameworkDescription);
        writer.WriteString("akka", typeof(Akka.Actor.ActorSystem).Assembly.GetName().Version?.ToString(3));
        writer.WriteString("machine", Environment.MachineName);
        writer.WriteString("os", RuntimeInformation.OSDescription);
        writer.WriteString("architecture", RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant());
        writer.WriteString("processor", ProcessorName());
        writer.WriteNumber("processors", Environment.ProcessorCount);
        writer.WriteNumber("memoryBytes", GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        writer.WriteNumber("vectorBits", (int)KernelDispatch.Available[^1]);
        writer.WriteString("kernels", KernelDispatch.Width.ToString().ToLowerInvariant());
        writer.WriteEndObject();
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
