using System.Globalization;
using System.Text.Json;
using Lockstep.Shared;
using Lockstep.Wording;

namespace Lockstep.Chaos.Plans;

/// <summary>Plans as JSON, for people to write. Every mistake in one is told at once.</summary>
internal static class PlanJson
{
    public const double MostSeconds = 86_400;
    private const int MostWorkers = 64, MostFaults = 10_000, MostUnknown = 20;

    private static readonly string[] PlanKeys = ["seed", "workers", "minutes", "faults"];
    private static readonly string[] FaultKeys = ["at", "fault", "worker", "coordinator", "seconds", "megabytesPerSecond"];
    private static readonly JsonDocumentOptions Options = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Writes a plan so that <see cref="Read"/> reads it.</summary>
    public static void Write(Utf8JsonWriter writer, ChaosPlan plan)
    {
        writer.WriteStartObject();
        if (plan.Seed is { } seed)
            writer.WriteNumber("seed", seed);
        writer.WriteNumber("workers", plan.Workers);
        writer.WriteNumber("minutes", Math.Round(plan.Seconds / 60, 6));
        writer.WriteStartArray("faults");
        foreach (Fault fault in plan.Faults)
            Write(writer, fault);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Writes one fault.</summary>
    public static void Write(Utf8JsonWriter writer, Fault fault)
    {
        writer.WriteStartObject();
        writer.WriteNumber("at", fault.At);
        writer.WriteString("fault", FaultKinds.NameOf(fault.Kind));
        if (fault.Worker > 0)
            writer.WriteNumber("worker", fault.Worker);
        if (fault.Coordinator is { } role)
            writer.WriteString("coordinator", FaultKinds.NameOf(role));
        if (fault.Seconds > 0)
            writer.WriteNumber("seconds", fault.Seconds);
        if (fault.MegabytesPerSecond > 0)
            writer.WriteNumber("megabytesPerSecond", fault.MegabytesPerSecond);
        writer.WriteEndObject();
    }

    /// <summary>Reads a plan.</summary>
    /// <param name="json">The text.</param>
    /// <param name="name">What to call it in messages, such as the file's name.</param>
    /// <exception cref="RequestException">It is none; every mistake is told.</exception>
    public static ChaosPlan Read(ReadOnlyMemory<byte> json, string name)
    {
        var problems = new Problems();
        ChaosPlan? plan = null;
        try
        {
            using JsonDocument document = JsonDocument.Parse(json, Options);
            plan = ReadPlan(document.RootElement, name, problems);
        }
        catch (InvalidOperationException)
        {
            problems.Add($"{name} holds a text that is not Unicode; save it as UTF-8.");
        }
        catch (JsonException e)
        {
            problems.Add($"{name} is not JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}.");
        }

        problems.ThrowIfAny();
        return plan!;
    }

    private static ChaosPlan? ReadPlan(JsonElement root, string name, Problems problems)
    {
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{name} holds no object; expected {{ \"workers\": 3, \"faults\": [ {{ \"at\": 5, \"fault\": \"kill\", \"worker\": 1 }} ] }}.");
            return null;
        }

        CheckKeys(root, PlanKeys, name, problems);
        int workers = (int)(Number(root, "workers", 1, MostWorkers, isWhole: true, name, problems) ?? 3);
        double? minutes = Number(root, "minutes", 0.05, MostSeconds / 60, isWhole: false, name, problems);
        ulong? seed = root.TryGetProperty("seed", out JsonElement given) && given.ValueKind == JsonValueKind.Number && given.TryGetUInt64(out ulong value) ? value : null;
        var faults = new List<(Fault Fault, string Name)>();
        if (!root.TryGetProperty("faults", out JsonElement list) || list.ValueKind != JsonValueKind.Array || list.GetArrayLength() > MostFaults)
        {
            problems.Add($"faults in {name} is {(list.ValueKind == JsonValueKind.Undefined ? "missing" : "not a list")}; expected a list of at most {MostFaults:N0} faults, which may be empty.");
        }
        else
        {
            int number = 0;
            foreach (JsonElement element in list.EnumerateArray())
            {
                string which = $"fault {++number} in {name}";
                if (ReadFault(element, which, problems) is { } fault)
                    faults.Add((fault, which));
            }
        }

        (Fault Fault, string Name)[] ordered = [.. faults.OrderBy(fault => fault.Fault.At)];
        CheckOrder(workers, ordered, problems);
        double seconds = minutes * 60 ?? (ordered.Length == 0 ? 5 : ordered.Max(fault => fault.Fault.Ends) + 2);
        return new ChaosPlan(workers, seconds, [.. ordered.Select(fault => fault.Fault)]) { Seed = seed };
    }

    private static Fault? ReadFault(JsonElement element, string name, Problems problems)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            problems.Add($"{name} is no object; expected one such as {{ \"at\": 5, \"fault\": \"kill\", \"worker\": 1 }}.");
            return null;
        }

        CheckKeys(element, FaultKeys, name, problems);
        string? text = element.TryGetProperty("fault", out JsonElement given) && given.ValueKind == JsonValueKind.String ? ForeignText.Beginning(given.GetString()!) : null;
        string[] kinds = [.. FaultKinds.All.Select(FaultKinds.NameOf)];
        int index = Array.IndexOf(kinds, text);
        double? at = Required(element, "at", 0, MostSeconds, isWhole: false, name, problems);
        if (index < 0)
        {
            string? near = text is null ? null : Spelling.Nearest(text, kinds);
            problems.Add($"{name} has {(text is null ? "no \"fault\"" : $"the unknown fault \"{text}\"")}; "
                + (near is null ? $"expected one of {string.Join(", ", kinds)}." : $"did you mean {near}?"));
            return null;
        }

        FaultKind kind = FaultKinds.All[index];
        CoordinatorRole? role = ReadRole(element, kind, name, problems, out bool ofCoordinator);
        double worker = Detail("worker", FaultKinds.HasVictim(kind) && !ofCoordinator, 1, MostFaults, isWhole: true);
        double seconds = Detail("seconds", FaultKinds.Lasts(kind, ofCoordinator), 0.1, 3600, isWhole: false);
        double rate = Detail("megabytesPerSecond", kind == FaultKind.Slow, 0.01, 100_000, isWhole: false);
        return at is null || double.IsNaN(worker + seconds + rate)
            ? null
            : new Fault(at.Value, kind) { Worker = (int)worker, Coordinator = role, Seconds = seconds, MegabytesPerSecond = rate };

        double Detail(string key, bool belongs, double least, double most, bool isWhole)
        {
            if (belongs)
                return Required(element, key, least, most, isWhole, name, problems) ?? double.NaN;
            if (element.TryGetProperty(key, out _))
                problems.Add($"{key} in {name} does not belong to a {text}{(ofCoordinator ? " of a coordinator" : "")}; leave it out.");
            return 0;
        }
    }

    private static CoordinatorRole? ReadRole(JsonElement element, FaultKind kind, string name, Problems problems, out bool isGiven)
    {
        const string key = "coordinator";
        isGiven = element.TryGetProperty(key, out JsonElement given);
        if (!isGiven)
            return null;
        if (!FaultKinds.HasVictim(kind))
        {
            problems.Add($"{key} in {name} does not belong to a {FaultKinds.NameOf(kind)}; leave it out.");
            isGiven = false;
            return null;
        }

        CoordinatorRole[] roles = Enum.GetValues<CoordinatorRole>();
        int role = given.ValueKind == JsonValueKind.String ? Array.FindIndex(roles, role => FaultKinds.NameOf(role) == given.GetString()) : -1;
        if (role >= 0)
            return roles[role];
        problems.Add($"{key} in {name} is {ForeignText.Beginning(given.GetRawText())}; expected \"leader\" or \"standby\".");
        return null;
    }

    // Plays the plan in thought.
    private static void CheckOrder(int workers, (Fault Fault, string Name)[] faults, Problems problems)
    {
        var roster = new PlanRoster(workers);
        foreach ((Fault fault, string name) in faults)
        {
            if (fault.Worker > 0 && roster.WhyAbsent(fault.Worker) is { } why)
            {
                problems.Add($"{name} ({fault}, at {Seconds(fault.At)}): worker {fault.Worker} is not there, {why}.");
                continue;
            }

            if (fault.Worker > 0 && roster.IsBusy(fault.Worker, fault.At))
                problems.Add($"{name} ({fault}, at {Seconds(fault.At)}): an earlier fault of worker {fault.Worker} lasts until later. Let it end first.");
            if (PlanRoster.VictimOf(fault) is { } role && roster.IsBusy(role, fault.At))
                problems.Add($"{name} ({fault}, at {Seconds(fault.At)}): an earlier fault of the {FaultKinds.NameOf(role)} lasts until later. Let it end first.");
            roster.Apply(fault);
        }
    }

    private static void CheckKeys(JsonElement element, string[] known, string name, Problems problems)
    {
        foreach (string key in element.EnumerateObject().Select(property => property.Name).Except(known).Take(MostUnknown).Select(ForeignText.Beginning))
            problems.Add($"{key} in {name} is unknown; " + (Spelling.Nearest(key, known) is { } near ? $"did you mean {near}?" : $"expected {string.Join(", ", known)}."));
    }

    private static double? Required(JsonElement element, string key, double least, double most, bool isWhole, string name, Problems problems)
    {
        if (element.TryGetProperty(key, out _))
            return Number(element, key, least, most, isWhole, name, problems);
        problems.Add($"{name} has no \"{key}\"; expected {Range(least, most, isWhole)}.");
        return null;
    }

    private static double? Number(JsonElement element, string key, double least, double most, bool isWhole, string name, Problems problems)
    {
        if (!element.TryGetProperty(key, out JsonElement given))
            return null;
        if (given.ValueKind == JsonValueKind.Number && given.TryGetDouble(out double value) && value >= least && value <= most && (!isWhole || value == Math.Floor(value)))
            return value;
        problems.Add($"{key} in {name} is {ForeignText.Beginning(given.GetRawText())}; expected {Range(least, most, isWhole)}.");
        return null;
    }

    private static string Range(double least, double most, bool isWhole) =>
        string.Create(CultureInfo.InvariantCulture, $"a {(isWhole ? "whole " : "")}number from {least} to {most:#,0}");

    private static string Seconds(double at) => string.Create(CultureInfo.InvariantCulture, $"{at:0.###} s");
}
