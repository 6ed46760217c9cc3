using System.Globalization;
using Lockstep.Coordinator.Runs;
using Lockstep.Data;
using Lockstep.Interchange;
using Lockstep.Model.Specs;
using Lockstep.Model.Text;
using Lockstep.Networks;
using Lockstep.Runs;
using Lockstep.Training;
using Lockstep.Wording;

namespace Lockstep.Cli.Options;

/// <summary>Kinds of values with ranges of their own, named after the option they are for.</summary>
internal static class Kinds
{
    public static readonly ValueKind<string> Model = new(
        "widths from inputs to classes such as 784-256-10 or in-256-out, layers such as conv:6x5p2-pool2-120-out, "
            + $"{string.Join(", ", NetworkText.Presets.Keys)}, or a model file ending in .json",
        text => IsModelFile(text) ? text : NetworkText.Parse(text) is { FollowsData: false } model ? model.ToModel().ToString() : text);

    public static readonly ValueKind<NameGlobs> Globs = new(
        "parameter names with * and ?, separated by commas, such as 'layer0/*'", NameGlobs.Parse);

    public static readonly ValueKind<ParameterRates> Rates = new(
        "patterns of parameter names with a rate each, such as 'layer0/*=0.01,*/biases=0.2'",
        ParameterRates.Parse);

    public static readonly ValueKind<NameMap> Map = new(
        "names in the file with names in the model, such as 'weights_0=layer0/weights', separated by commas, or JSON, or a file "
            + "ending in .json",
        NameMap.Parse);

    public static readonly ValueKind<string> Initializer = new(
        $"{SpecSettings.AutomaticInitializer}, {Lockstep.Model.Specs.Initializer.Syntax}",
        text => text == SpecSettings.AutomaticInitializer ? text : Lockstep.Model.Specs.Initializer.Parse(text).ToString());

    public static readonly ValueKind<string> ResumedRun = new(
        "a checkpoint, a run folder, or auto for the newest unfinished run", ValueKind.Path.Parse);

    /// <summary>Whether the text of <c>--model</c> names a file.</summary>
    public static bool IsModelFile(string text) => text.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    public static readonly ValueKind<LearningRateSchedule> Schedule = new(LearningRateSchedule.Syntax, LearningRateSchedule.Parse);

    public static readonly ValueKind<ClassWeights> ClassWeights = new(
        $"balanced, or {Ranges.ClassWeight.Words} for each class, such as 1,1,2.5", Lockstep.Training.ClassWeights.Parse)
    {
        Names = [Lockstep.Training.ClassWeights.Balanced.ToString()],
    };

    public static readonly ValueKind<AugmentationSpec> Augmentation = new(AugmentationSpec.Syntax, AugmentationSpec.Parse)
    {
        Names = [.. AugmentationSpec.Presets.Keys],
    };

    /// <summary>What a worker joins that a <c>train</c> started: the address is the first line of its standard input.</summary>
    public const string JoinFromStandardInput = "stdin";

    /// <summary>What a worker joins that a <c>launch</c> started: address and secret are the first line of its standard input.</summary>
    public const string JoinFromSsh = "ssh";

    public static readonly ValueKind<string> JoinAddress = new(
        "one or more addresses, each with a port from 1 to 65535, such as 192.168.1.10:4053 or a:4053,b:4053",
        text => text is JoinFromStandardInput or JoinFromSsh ? text : string.Join(',', JoinPlaces(text)));

    public static readonly ValueKind<string> PeerAddresses = new(
        "addresses, each with a port from 1 to 65534, such as a:4053,b:4053", text =>
    {
        IReadOnlyList<HostPort> places = JoinPlaces(text);
        foreach (HostPort place in places)
        {
            if (places.FirstOrDefault(other => other.Host == place.Host && other.Port == place.Port + 1) is { } next)
                throw new FormatException($"{place} takes the port {next.Port} of {next}, too, for tensors. Leave one free between them.");
        }

        return string.Join(',', places);
    });

    /// <summary>Reads HOST:PORT[,HOST:PORT].</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static IReadOnlyList<HostPort> JoinPlaces(string text) =>
        [.. text.Split(',').Select(place => HostPort.Parse(place.Trim(), lowestPort: 1))];

    public static readonly ValueKind<string> Dataset = new(
        $"{string.Join(", ", DatasetCatalog.Names)}, or a file or folder",
        text => DatasetCatalog.Names.Contains(text) || IsPath(text)
            ? text
            : throw new FormatException(Spelling.Nearest(text, [.. DatasetCatalog.Names, .. FilesHere()]) is { } near
                ? $"there is neither a data set nor a file or folder of that name; did you mean {near}?"
                : "there is neither a data set nor a file or folder of that name"));

    // A folder may have any number of files, and may be one that this user cannot list.
    private static IEnumerable<string> FilesHere()
    {
        try
        {
            return [.. Directory.EnumerateFileSystemEntries(".").Take(1000).Select(entry => System.IO.Path.GetFileName(entry))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>
    /// Whether the text of <c>--dataset</c> is a path: all that is no name of the catalogue and exists, or looks like one.
    /// </summary>
    public static bool IsPath(string text) =>
        !DatasetCatalog.Names.Contains(text) && (System.IO.Path.Exists(text) || text.AsSpan().ContainsAny('/', '\\', '.'));

    public static readonly ValueKind<ImageSize> ImageSize = new(
        "height and width such as 28x28, with 1 for grey or 3 for RGB such as 32x32x3", Lockstep.Data.ImageSize.Parse);

    public static readonly ValueKind<HeldOut> HeldOut = new(
        $"{Ranges.HeldOutShare.Words}, or a file or folder", Lockstep.Data.HeldOut.Parse);

    private static readonly ValueKind<string> Formats = ValueKind.Name([.. WeightFormat.All.Select(format => format.Name)]);

    public static readonly ValueKind<string> Format = Formats with
    {
        Parse = text => WeightFormat.InsteadOf(text) is { } instead ? throw new FormatException(instead) : Formats.Parse(text),
    };

    /// <summary>The ways of weights and gradients, by name.</summary>
    public static readonly IReadOnlyDictionary<string, Transport> Transports = new Dictionary<string, Transport>
    {
        ["auto"] = Transport.Automatic,
        ["stream"] = Transport.Stream,
        ["slices"] = Transport.Slices,
    };

    public static readonly ValueKind<int> Days = ValueKind.Integer(1, 36_500);

    public static readonly ValueKind<SshHosts> Hosts = new(
        "machines as ssh knows them, each once, such as node1,node2 or anna@192.168.1.10,node2", SshHosts.Parse);

    public static readonly ValueKind<string> StopWhen = new(
        "accuracy>=A, A from 0 to 1, loss<=L, or r2>=R of targets, in quotes because of the shell, such as 'accuracy>=0.98'", text =>
    {
        (ValidationMetric metric, double target) = StopSpec.ParseTarget(text);
        return new StopSpec { Metric = metric, Target = target, EverySteps = 1 }.TargetText!;
    });

    public static readonly ValueKind<string> Patience = new(
        $"{Ranges.Patience.Words}, or with the metric, such as loss:5", text =>
    {
        (ValidationMetric? metric, int count) = StopSpec.ParsePatience(text);
        string number = count.ToString(CultureInfo.InvariantCulture);
        return metric is { } named ? $"{StopSpec.NameOf(named)}:{number}" : number;
    });

    public static readonly ValueKind<double> Minutes = ValueKind.Real("minutes from 0.05 to 1440", value => value is >= 0.05 and <= 1_440);

    public static readonly ValueKind<double> Seconds = ValueKind.Real("seconds from 0.1 to 86400", value => value is >= 0.1 and <= 86_400);
}
