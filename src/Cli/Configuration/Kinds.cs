using Lockstep.Data;
using Lockstep.Interchange;
using Lockstep.Model.Specs;
using Lockstep.Networks;
using Lockstep.Wording;

namespace Lockstep.Cli.Configuration;

/// <summary>Kinds of values with ranges of their own, named after the option they are for.</summary>
internal static class Kinds
{
    /// <summary>Each layer has the initialiser that suits it.</summary>
    public const string AutomaticInitializer = "auto";

    public static readonly ValueKind<string> Model = new("widths from pixels to classes such as 784-256-10, logistic, or a model file ending in .json",
        text => IsModelFile(text) ? text : ModelSpec.Parse(text).ToString());

    public static readonly ValueKind<NameGlobs> Globs = new("parameter names with * and ?, separated by commas, such as 'layer0/*'", NameGlobs.Parse);

    public static readonly ValueKind<ParameterRates> Rates = new("patterns of parameter names with a rate each, such as 'layer0/*=0.01,*/biases=0.2'", ParameterRates.Parse);

    public static readonly ValueKind<NameMap> Map = new("names in the file with names in the model, such as 'weights_0=layer0/weights', separated by commas, or a file ending in .json",
        NameMap.Parse);

    public static readonly ValueKind<string> Initializer = new($"{AutomaticInitializer}, {Lockstep.Model.Specs.Initializer.Syntax}",
        text => text == AutomaticInitializer ? text : Lockstep.Model.Specs.Initializer.Parse(text).ToString());

    /// <summary>Whether the text of <c>--model</c> names a file.</summary>
    public static bool IsModelFile(string text) => text.EndsWith(".json", StringComparison.OrdinalIgnoreCase);

    public static readonly ValueKind<LearningRateSchedule> Schedule = new(LearningRateSchedule.Syntax, LearningRateSchedule.Parse);

    /// <summary>What a worker joins that a <c>train</c> started: the address is the first line of its standard input.</summary>
    public const string JoinFromStandardInput = "stdin";

    /// <summary>What a worker joins that a <c>launch</c> started: address and secret are the first line of its standard input.</summary>
    public const string JoinFromSsh = "ssh";

    public static readonly ValueKind<string> JoinAddress = new("one or more addresses, each with a port from 1 to 65535, such as 192.168.1.10:4053 or a:4053,b:4053", text =>
        text is JoinFromStandardInput or JoinFromSsh ? text : string.Join(',', JoinPlaces(text)));

    public static readonly ValueKind<string> PeerAddresses = new("addresses, each with a port from 1 to 65534, such as a:4053,b:4053", text => string.Join(',', JoinPlaces(text)));

    /// <summary>Reads HOST:PORT[,HOST:PORT].</summary>
    /// <exception cref="FormatException">The text is something else.</exception>
    public static IReadOnlyList<HostPort> JoinPlaces(string text) => [.. text.Split(',').Select(place => HostPort.Parse(place.Trim(), lowestPort: 1))];

    public static readonly ValueKind<string> Dataset = ValueKind.Name([.. DatasetCatalog.Names]);

    public static readonly ValueKind<string> Format = ValueKind.Name([.. WeightFormat.All.Select(format => format.Name)]);

    /// <summary>Matrices [out, in].</summary>
    public const string TorchLayout = "torch";

    public static readonly ValueKind<string> Layout = ValueKind.Name("tf", TorchLayout);

    /// <summary>Names of torch.nn.Sequential.</summary>
    public const string TorchNames = "torch";

    /// <summary>Names as they are.</summary>
    public const string OwnNames = "lockstep";

    public static readonly ValueKind<string> Names = ValueKind.Name(OwnNames, TorchNames);

    public static readonly ValueKind<string> Split = ValueKind.Name("train", "validation", "test");

    /// <summary>Tensors go through memory that processes of one machine share, and through the stream between machines.</summary>
    public const string AutomaticTransport = "auto";

    /// <summary>All tensors go through the stream.</summary>
    public const string StreamTransport = "stream";

    public static readonly ValueKind<string> Transport = ValueKind.Name(AutomaticTransport, StreamTransport);

    /// <summary>Standard error in lines for people.</summary>
    public const string TextLog = "text";

    /// <summary>Standard error in lines of JSON.</summary>
    public const string JsonLog = "json";

    public static readonly ValueKind<string> LogFormat = ValueKind.Name(TextLog, JsonLog);

    /// <summary>Most images that are picked from a data set at once.</summary>
    public const int MaxIndices = 1000;

    public static readonly ValueKind<IReadOnlyList<long>> Indices = ValueKind.ListOf("numbers of images from 0 on, such as 3 or 3,17", text =>
    {
        string[] parts = text.Split(',');
        if (parts.Length > MaxIndices)
            throw new FormatException($"more than {MaxIndices:N0} numbers");
        return parts.Select(ValueKind.Integer(0, int.MaxValue).Parse);
    });

    public static readonly ValueKind<long> Days = ValueKind.Integer(1, 36_500);

    public static readonly ValueKind<IReadOnlyList<string>> CertificateNames = ValueKind.ListOf("names of machines or addresses, such as node1.example.net or node1,192.168.1.10", text =>
    {
        string[] names = text.Split(',', StringSplitOptions.TrimEntries);
        string? wrong = names.FirstOrDefault(name => Uri.CheckHostName(name) == UriHostNameType.Unknown);
        return wrong is null ? names : throw new FormatException($"'{wrong}' is not a host name or address");
    });

    public static readonly ValueKind<SshHosts> Hosts = new("machines as ssh knows them, each once, such as node1,node2 or anna@192.168.1.10,node2", SshHosts.Parse);

    public static readonly ValueKind<double> Probability = ValueKind.Real(Ranges.KeepProb);

    public static readonly ValueKind<double> Momentum = ValueKind.Real(Ranges.Momentum);

    public static readonly ValueKind<string> Optimizer = ValueKind.Name(SgdSpec.Kind, AdamWSpec.Kind);

    public static readonly ValueKind<double> Epsilon = ValueKind.Real(Ranges.Epsilon);

    public static readonly ValueKind<double> LearningRate = ValueKind.Real(Ranges.LearningRate);

    public static readonly ValueKind<double> L2 = ValueKind.Real(Ranges.Penalty);

    public static readonly ValueKind<double> Minutes = ValueKind.Real("minutes from 0.05 to 1440", value => value is >= 0.05 and <= 1_440);

    public static readonly ValueKind<double> Seconds = ValueKind.Real("seconds from 0.1 to 86400", value => value is >= 0.1 and <= 86_400);
}
