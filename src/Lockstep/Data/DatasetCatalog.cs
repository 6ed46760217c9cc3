using Lockstep.Model.Data;

namespace Lockstep.Data;

/// <summary>The data sets that can be named.</summary>
public static class DatasetCatalog
{
    /// <summary>Name of the built-in digits, which need no file.</summary>
    public const string Synthetic = SyntheticDigits.Name;

    /// <summary>The default where it is available.</summary>
    public static DatasetSource Mnist { get; } = Source("mnist", "MNIST",
        ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6") with
    {
        TestSha256 = "27556064a6812ea6055657abc8c0530016f5fd99f80f70e91bec275bae9fcf32",
        Prefixes = ["emnist-mnist-", "emnist-digits-"],
    };

    /// <summary>Clothing in the form of MNIST.</summary>
    public static DatasetSource FashionMnist { get; } = Source("fashion-mnist", "Fashion-MNIST",
        ["http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"],
        "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84",
        "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845",
        "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
        "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5");

    /// <summary>Cursive Japanese characters in the form of MNIST.</summary>
    public static DatasetSource Kmnist { get; } = Source("kmnist", "KMNIST",
        ["http://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
        "bdb82020997e1d708af4cf47b453dcf7",
        "e144d726b3acfaa3e44228e80efcd344",
        "5c965bf0a639b31b8f53240b1b52f4d7",
        "7320c461ea6c1c855c0b718fb2a4b134");

    /// <summary>All data sets that come from files.</summary>
    public static IReadOnlyList<DatasetSource> Sources { get; } = [Mnist, FashionMnist, Kmnist];

    /// <summary>All names that <c>--dataset</c> takes.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Sources.Select(source => source.Name), Synthetic];

    // Checksums of training images, training labels, test images, test labels.
    private static DatasetSource Source(string name, string title, string[] mirrors, params string[] checksums)
        => new(name, title, [.. mirrors.Select(mirror => new Uri(mirror))],
            new("train-images-idx3-ubyte.gz", checksums[0]), new("train-labels-idx1-ubyte.gz", checksums[1]),
            new("t10k-images-idx3-ubyte.gz", checksums[2]), new("t10k-labels-idx1-ubyte.gz", checksums[3]));
}
